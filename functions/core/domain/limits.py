"""Every number that holds everywhere, in one place (shared product table)."""

from typing import Final

MIB: Final = 1024 * 1024

UPLOAD_MAX_BYTES: Final = 2 * 1024 * MIB
UPLOAD_SINGLE_PUT_MAX_BYTES: Final = 16 * MIB
"""Up to here one presigned PUT; above, presigned multipart parts."""
UPLOAD_PART_BYTES: Final = 16 * MIB
"""Part size of a multipart upload; S3 wants at least 5 MiB for all but the last part."""
UPLOAD_EXPIRES_S: Final = 24 * 3600
"""How long an upload may stay open; presigned URLs live UPLOAD_URL_EXPIRES_S and can be asked for again."""
UPLOAD_URL_EXPIRES_S: Final = 3600
TRACK_MAX_DURATION_S: Final = 6 * 3600
FILENAME_MAX: Final = 255
TITLE_MAX: Final = 200

ACCESS_TOKEN_S: Final = 15 * 60
REFRESH_TOKEN_S: Final = 30 * 24 * 3600
REMEMBERED_S: Final = 90 * 24 * 3600
"""A refresh token's life after a sign-in with remember-me."""
SESSION_MAX_S: Final = 365 * 24 * 3600
"""After this a session ends even if it was used every day (OWASP ASVS 5, 7.3.2)."""
AUTHORIZATION_S: Final = 10 * 60
"""How long a visit to an identity provider may take."""
STEP_UP_S: Final = 10 * 60
"""So long after a proof somebody may do what is dangerous without another one."""
LOGIN_HISTORY_S: Final = 90 * 24 * 3600
REFRESH_GRACE_S: Final = 10
"""So long the refresh token before the current one still answers: two tabs, or a retry after a lost answer."""
PASSWORD_MIN: Final = 12
PASSWORD_MAX: Final = 128

PLAY_URL_S: Final = 15 * 60
DOWNLOAD_URL_S: Final = 30 * 60
ASSET_URL_S: Final = 60 * 60

PAGE_DEFAULT: Final = 20
PAGE_MAX: Final = 100

DEFINITIONS_MAX_AGE_H: Final = 48
DEFINITIONS_WARN_AGE_H: Final = 24

STAGE_DEADLINE_S: Final = {"draft": 300, "uploaded": 600, "scanning": 900, "transcoding": 1800}
"""How long a track may sit in a state before the sweep looks at it. A worker renews its own deadline.

A draft is looked at again and again until its upload expires: so a lost S3 event is found within ten minutes, this wait
and the one for the next sweep.
"""
MAX_REDRIVES: Final = 5
"""After so many sweeps in one attempt a track turns `failed`."""
QUEUE_MAX_RECEIVES: Final = 5
"""How often a queue hands out a message before it is a dead letter; the infra's work queues are set to it."""
DELETED_KEEP_S: Final = 30 * 24 * 3600

CLOSING_GRACE_S: Final = 30 * 24 * 3600
"""How long the owner of a closing account may change their mind."""
ERASED_TRACK_S: Final = 3600
"""A track of an erased account is purged after this: longer than any worker that may still be at it lives."""
USERNAME_REST_S: Final = 90 * 24 * 3600
"""So long nobody can take the name of an erased account, and be taken for who had it."""
EXPORT_KEEP_S: Final = 7 * 24 * 3600
EXPORT_URL_S: Final = 15 * 60
EXPORT_FILES_MAX_BYTES: Final = 20 * 1024 * MIB
"""Of audio and attachments in one export: what a function can certainly copy in its fifteen minutes."""
EXPORT_GIVEN_UP_S: Final = 24 * 3600
"""An export that was not made by then is not going to be: its owner may ask for another."""
