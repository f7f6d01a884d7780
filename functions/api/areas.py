"""All areas of the API, in the order of its documentation, and which deployed function serves which."""

from itertools import chain
from typing import Final

from api.accounts.routes import routers as accounts
from api.admin.routes import routers as admin
from api.api_keys.routes import routers as api_keys
from api.attachments.routes import routers as attachments
from api.blocks.routes import routers as blocks
from api.connections.routes import routers as connections
from api.conversations.routes import routers as conversations
from api.emails.routes import routers as emails
from api.magic_links.routes import routers as magic_links
from api.messages.routes import routers as messages
from api.passkeys.routes import routers as passkeys
from api.passwords.routes import routers as passwords
from api.platform.routes import routers as platform
from api.playback.routes import routers as playback
from api.privacy.routes import routers as privacy
from api.second_factor.routes import routers as second_factor
from api.sessions.routes import routers as sessions
from api.sign_in.routes import routers as sign_in
from api.sockets.routes import routers as sockets
from api.tracks.routes import routers as tracks
from api.uploads.routes import routers as uploads

WAYS_IN: Final = (sign_in, magic_links, second_factor, passkeys, connections, api_keys)
CHAT: Final = (sockets, conversations, messages, attachments, blocks)
ALL: Final = tuple(
    chain.from_iterable(
        (accounts, *WAYS_IN, sessions, passwords, emails, privacy, uploads, tracks, playback, *CHAT, admin, platform),
    )
)
