// The server's clock, as near as the network lets us know it (RFC 5905 §8, §10): of the last exchanges the one with the
// shortest round trip is believed, and is off by half of that at most.

const KEEP = 8;
let samples = []; // { offset, roundTrip }, in ms

/** This device's clock. Unlike Date.now it never jumps. */
export const here = () => performance.timeOrigin + performance.now();

export const measure = ({ t0, t1, t2, t3 }) => ({ offset: (t1 - t0 + (t2 - t3)) / 2, roundTrip: t3 - t0 - (t2 - t1) });
export const best = (found) => found.reduce((one, other) => (other.roundTrip < one.roundTrip ? other : one));

/** One exchange: `ask(t0)` answers { t1, t2 }. */
export async function exchange(ask) {
  const t0 = here();
  const { t1, t2 } = await ask(t0);
  samples = [...samples, measure({ t0, t1, t2, t3: here() })].slice(-KEEP);
}

export const forget = () => (samples = []);
export const known = () => samples.length > 0;
/** ms since 1970 by the server's clock. */
export const now = () => here() + (samples.length ? best(samples).offset : 0);
export const roundTrip = () => (samples.length ? best(samples).roundTrip : 0);
