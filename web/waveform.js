// Peaks in the JSON of audiowaveform (version 2: data = min, max per channel and pixel), drawn as bars on a canvas.

const cache = new Map(); // by track: an address is signed anew every time, its picture stays the same

/** Peaks 0…1 of the loudest one, the louder of all channels: a quiet piece has a shape too. */
export function peaks(track) {
  if (!track.waveform_url) return Promise.resolve([]);
  if (!cache.has(track.id)) {
    const loading = fetch(track.waveform_url).then((response) => (response.ok ? response.json() : null)).then(fold);
    cache.set(track.id, loading);
    loading.catch(() => cache.delete(track.id));
  }
  return cache.get(track.id).catch(() => []);
}

function fold(waveform) {
  if (!waveform) return [];
  const { data, channels = 1 } = waveform;
  const step = 2 * channels;
  const peaks = Array.from({ length: Math.floor(data.length / step) }, (_, index) =>
    Math.max(...data.slice(index * step, (index + 1) * step).map(Math.abs)),
  );
  const loudest = peaks.reduce((one, other) => Math.max(one, other), 1);
  return peaks.map((peak) => peak / loudest);
}

/** Draws `levels` over the whole canvas; the first `played` (0…1) of it in the accent colour. */
export function draw(canvas, levels, played = 0) {
  const ratio = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width || !height) return;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const [before, after] = [style.getPropertyValue("--accent"), style.getPropertyValue("--wave")];
  pen.scale(ratio, ratio);
  const bars = Math.floor(width / 4);
  for (let bar = 0; bar < bars; bar += 1) {
    const from = Math.floor((bar / bars) * levels.length);
    const to = Math.max(from + 1, Math.floor(((bar + 1) / bars) * levels.length));
    const level = levels.length ? Math.max(...levels.slice(from, to), 0) : 0;
    const tall = Math.max(2, level * height);
    pen.fillStyle = (bar + 0.5) / bars <= played ? before : after;
    pen.beginPath();
    pen.roundRect(bar * 4, (height - tall) / 2, 2.5, tall, 1.25);
    pen.fill();
  }
}
