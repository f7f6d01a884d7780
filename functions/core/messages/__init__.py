"""Versioned records that cross the outbox, the bus and the queues. A field is only ever added, with a default.

On the bus: `source` = "veza", `detail-type` = `{type}.v{version}`, `detail` = the Envelope as JSON.
One golden file per message in events/outbound/.
"""
