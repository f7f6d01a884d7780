"""The frames of the chat socket: what clients ask, what they are answered, what they are told."""

from collections.abc import Mapping
from typing import Final

from core.frames.chat import answers, events, requests
from core.frames.envelope import Closing, Data, Hello, HelloOk

ANSWERS: Final[Mapping[type[Data], type[Data]]] = {
    Hello: HelloOk,
    requests.Ping: answers.PingOk,
    requests.MessageSend: answers.MessageSendOk,
    requests.MessageEdit: answers.MessageEditOk,
    requests.MessageDelete: answers.MessageDeleteOk,
    requests.ReactionSet: answers.ReactionSetOk,
    requests.PinSet: answers.PinSetOk,
    requests.ReceiptSet: answers.ReceiptSetOk,
    requests.TypingStart: answers.TypingStartOk,
    requests.PresenceSet: answers.PresenceSetOk,
    requests.PresenceWatch: answers.PresenceWatchOk,
    requests.RoomOpen: answers.RoomOpenOk,
    requests.RoomClose: answers.RoomCloseOk,
    requests.Sync: answers.SyncOk,
    requests.CallSignal: answers.CallSignalOk,
}
"""Every request, and what answers it."""
EVENTS: Final[tuple[type[Data], ...]] = (
    events.MessageSent,
    events.MessageEdited,
    events.MessageDeleted,
    events.ReactionChanged,
    events.PinChanged,
    events.MemberChanged,
    events.ConversationChanged,
    events.ReceiptChanged,
    events.TypingStarted,
    events.PresenceChanged,
    events.CallSignalled,
    Closing,
)
