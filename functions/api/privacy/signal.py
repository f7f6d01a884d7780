"""Global Privacy Control: `Sec-GPC: 1` is a person's refusal, told by their browser (https://w3c.github.io/gpc/)."""

from typing import Annotated, Final

from fastapi import Depends, Request

SIGNAL_HEADER: Final = "sec-gpc"


def signalled(request: Request) -> bool:
    return request.headers.get(SIGNAL_HEADER) == "1"


PrivacySignal = Annotated[bool, Depends(signalled)]
