"""What every Bus, Queue and Mailer promises."""

from collections.abc import Callable

import pytest

from core.domain.errors import MailUnavailable, QueueUnavailable
from core.domain.ids import new_id
from core.messages.envelope import Envelope
from core.messages.tracks import TrackScanned
from core.ports.messaging import Bus, Mailer, Queue
from tests.builders import an_envelope
from tests.contract.aws import Mail


class BusContract:
    """Subclasses bring `bus`, `broken`, and `arrived(n)`: the envelopes consumers got, n if they come soon."""

    @pytest.mark.parametrize("count", [0, 1, 10, 23])
    def test_everything_published_arrives(self, bus: Bus, arrived: Callable[[int], list[Envelope]], count: int) -> None:
        envelopes = [
            an_envelope(TrackScanned(track_id=new_id(), owner_id=new_id(), attempt=n + 1)) for n in range(count)
        ]
        assert bus.publish(envelopes) == []
        assert sorted(arrived(count), key=lambda e: e.id) == sorted(envelopes, key=lambda e: e.id)

    def test_a_bus_that_does_not_answer_is_unavailable(self, broken: Bus) -> None:
        envelope = an_envelope(TrackScanned(track_id=new_id(), owner_id=new_id(), attempt=1))
        with pytest.raises(QueueUnavailable) as caught:
            broken.publish([envelope])
        assert caught.value.retryable


class QueueContract:
    """Subclasses bring `queue`, `broken`, and `received(n)`: the bodies in it."""

    def test_what_is_sent_is_received(self, queue: Queue, received: Callable[[int], list[str]]) -> None:
        bodies = ['{"kind": "rescan"}', "Grüße, 音楽"]
        for body in bodies:
            queue.send(body)
        assert sorted(received(2)) == sorted(bodies)

    def test_a_queue_that_does_not_answer_is_unavailable(self, broken: Queue) -> None:
        with pytest.raises(QueueUnavailable) as caught:
            broken.send("{}")
        assert caught.value.retryable


class MailerContract:
    """Subclasses bring `mailer`, `broken`, and `mails()`: all that was sent."""

    def test_a_letter_goes_to_its_reader(self, mailer: Mailer, mails: Callable[[], list[Mail]]) -> None:
        to = f"{new_id()}@example.com"
        mailer.send(to=to, subject="Dein Stück läuft 🎵", text="Hör es dir an.", html="<p>Hör es dir an.</p>")
        sent = [mail for mail in mails() if mail.to == to]
        assert sent == [Mail(to=to, subject="Dein Stück läuft 🎵", html="<p>Hör es dir an.</p>")]

    def test_a_mailer_that_does_not_answer_is_unavailable(self, broken: Mailer) -> None:
        with pytest.raises(MailUnavailable) as caught:
            broken.send(to="ada@example.com", subject="s", text="t", html="<p>t</p>")
        assert caught.value.retryable
