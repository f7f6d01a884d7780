"""Why a track was rejected or failed: one table from stable code to the sentence a person reads."""

from enum import StrEnum


class ReasonCode(StrEnum):
    # rejected: the file is at fault, another file is needed
    INFECTED = "infected"
    UNSCANNABLE = "unscannable"
    NOT_AUDIO = "not_audio"
    VIDEO = "video_not_allowed"
    ARCHIVE = "archive_not_allowed"
    PLAYLIST = "playlist_not_allowed"
    FORMAT_UNSUPPORTED = "format_unsupported"
    EXTENSION_MISMATCH = "extension_mismatch"
    TRAILING_BYTES = "trailing_bytes"
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    EMPTY = "no_audio_data"
    SILENT = "silent"
    TOO_LONG = "too_long"
    TOO_MANY_STREAMS = "too_many_streams"
    # failed: our side is at fault, the artist may retry without uploading again
    UPLOAD_EXPIRED = "upload_expired"
    OBJECT_GONE = "object_gone"
    SCAN_FAILED = "scan_failed"
    TRANSCODE_FAILED = "transcode_failed"
    TIMED_OUT = "timed_out"


MESSAGES: dict[ReasonCode, str] = {
    ReasonCode.INFECTED: "The virus scanner found malware in this file. It was locked away and nobody can open it.",
    ReasonCode.UNSCANNABLE: "The virus scanner could not look inside this file, so it can't be accepted.",
    ReasonCode.NOT_AUDIO: "This file holds no audio we can recognise. "
    "Accepted are WAV, AIFF, FLAC, ALAC or AAC in M4A, AAC, MP3, Ogg Vorbis and Opus.",
    ReasonCode.VIDEO: "This file holds a video. Please export the audio alone and upload that.",
    ReasonCode.ARCHIVE: "This is an archive. Please unpack it and upload the audio files themselves.",
    ReasonCode.PLAYLIST: "This is a playlist, not audio. Please upload the audio files it names.",
    ReasonCode.FORMAT_UNSUPPORTED: "This kind of audio is not supported. "
    "Accepted are WAV, AIFF, FLAC, ALAC or AAC in M4A, AAC, MP3, Ogg Vorbis and Opus.",
    ReasonCode.EXTENSION_MISMATCH: "The file's name says one format and its content is another. "
    "Please rename it or export it again.",
    ReasonCode.TRAILING_BYTES: "There is something else behind the end of the audio. Please export the file again.",
    ReasonCode.TRUNCATED: "The file ends too early: part of the audio is missing. Please upload the complete file.",
    ReasonCode.CORRUPT: "The audio is damaged and can't be decoded without errors. Please export the file again.",
    ReasonCode.EMPTY: "The file has a header but no audio in it.",
    ReasonCode.SILENT: "There is nothing to hear: the file is silent from its beginning to its end.",
    ReasonCode.TOO_LONG: "The track is longer than 6 hours. Please split it.",
    ReasonCode.TOO_MANY_STREAMS: "The file holds more than one audio stream. Please export just one.",
    ReasonCode.UPLOAD_EXPIRED: "The upload was never finished and has expired. Please start it again.",
    ReasonCode.OBJECT_GONE: "The uploaded file disappeared before it could be processed. Please upload it again.",
    ReasonCode.SCAN_FAILED: "The virus scan did not succeed after several attempts. You can try again.",
    ReasonCode.TRANSCODE_FAILED: "Converting the audio did not succeed after several attempts. You can try again.",
    ReasonCode.TIMED_OUT: "Processing took too long and was stopped. You can try again.",
}
