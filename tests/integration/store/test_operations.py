"""The mail log lets one worker at a time send a mail once; health reports say the latest."""

from dataclasses import replace

from core.domain.claims import Claim
from core.domain.ids import EpochSeconds
from core.store.health import HealthReport, HealthRepository
from core.store.mail_log import MailLog
from tests.builders import NOW


class TestMailLog:
    def test_one_worker_wins(self, mail_log: MailLog) -> None:
        assert mail_log.claim("m1", NOW, 60) is Claim.WON
        assert mail_log.claim("m1", EpochSeconds(NOW + 59), 60) is Claim.BUSY
        assert mail_log.claim("m2", NOW, 60) is Claim.WON

    def test_the_lease_of_a_dead_worker_is_taken_over_once(self, mail_log: MailLog) -> None:
        mail_log.claim("m1", NOW, 60)
        later = EpochSeconds(NOW + 60)
        assert mail_log.claim("m1", later, 60) is Claim.WON
        assert mail_log.claim("m1", later, 60) is Claim.BUSY

    def test_a_mail_that_could_not_be_sent_is_free_at_once(self, mail_log: MailLog) -> None:
        mail_log.claim("m1", NOW, 60)
        mail_log.release("m1", NOW)
        assert mail_log.claim("m1", NOW, 60) is Claim.WON

    def test_a_mail_that_went_out_stays_out(self, mail_log: MailLog) -> None:
        mail_log.claim("m1", NOW, 60)
        mail_log.done("m1", NOW)
        assert mail_log.claim("m1", EpochSeconds(NOW + 10_000), 60) is Claim.DONE


class TestHealth:
    def test_the_latest_report_counts(self, health: HealthRepository) -> None:
        assert health.get("scan") is None
        report = HealthReport(part="scan", ok=False, detail="No definitions.", facts={"age_h": 50}, at=NOW)
        health.report(report)
        assert health.get("scan") == report
        better = replace(report, ok=True, detail="", facts={"version": "27800", "signatures": 1})
        health.report(better)
        assert health.get("scan") == better
        assert health.get("transcode") is None
