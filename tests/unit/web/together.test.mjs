// The clock and the rule of listening together. Run by test_scripts.py with `node --test`.

import assert from "node:assert";
import { test } from "node:test";

import { best, measure } from "../../../web/clock.js";
import { JUMP_S, correction, target } from "../../../web/follow.js";

test("the offset is off by at most half the round trip, however the way is split", () => {
  for (const [there, back] of [[10, 10], [1, 19], [19, 1], [200, 5]]) {
    const truth = 4321; // the server's clock is so far ahead
    const t0 = 1000;
    const t1 = t0 + there + truth;
    const t2 = t1 + 7;
    const t3 = t2 - truth + back;
    const { offset, roundTrip } = measure({ t0, t1, t2, t3 });
    assert.equal(roundTrip, there + back);
    assert.ok(Math.abs(offset - truth) <= roundTrip / 2);
  }
});

test("the exchange with the shortest round trip is believed", () => {
  assert.equal(best([{ offset: 5, roundTrip: 80 }, { offset: 1, roundTrip: 9 }, { offset: 9, roundTrip: 40 }]).offset, 1);
});

test("a timeline goes on while it plays, and waits before its beginning", () => {
  const party = { playing: true, position_ms: 5000, at: 100_000 };
  assert.equal(target(party, 99_000), 5);
  assert.equal(target(party, 101_500), 6.5);
  assert.equal(target({ ...party, playing: false }, 200_000), 5);
});

test("who is ahead slows down, who is behind hurries, who is far off jumps", () => {
  assert.deepEqual(correction(0), { jump: false, rate: 1 });
  assert.ok(correction(0.1).rate < 1);
  assert.ok(correction(-0.1).rate > 1);
  assert.equal(correction(JUMP_S + 0.01).jump, true);
  assert.equal(correction(-JUMP_S - 0.01).jump, true);
});

test("whatever the drift, it is gone within seconds", () => {
  for (let start = -0.34; start <= 0.34; start += 0.02) {
    let drift = start;
    for (let ms = 0; ms < 12_000; ms += 250) drift += (correction(drift).rate - 1) * 0.25;
    assert.ok(Math.abs(drift) < 0.02, `${start} → ${drift}`);
  }
});
