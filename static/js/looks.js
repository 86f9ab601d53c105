// Whether a picture looks blurred, dark or cut off, and where the card lies: the measures of the server
// (portal/files/looks.py), so that it can be said before anything is covered or sent.

// As on the server.
const BLURRED_BELOW = 6, DARK_BELOW = 35, MAX_RATIO = 2.4;
const AWAY = 30, TOUCHING = 0.4, CLEAN = 0.03, SOLID = 0.85, RATIOS = [1.2, 2.05];

/** Returns [width, height, channel after channel] of `canvas`, no side longer than `longest`. */
function view(canvas, longest) {
  const factor = longest / Math.max(canvas.width, canvas.height), small = document.createElement("canvas");
  const [width, height] = [Math.round(canvas.width * factor), Math.round(canvas.height * factor)];
  [small.width, small.height] = [width, height];
  const pen = small.getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingQuality = "high";
  pen.drawImage(canvas, 0, 0, width, height);
  return [width, height, pen.getImageData(0, 0, width, height).data];
}

function grays([width, height, data]) {
  const gray = new Float32Array(width * height);
  for (let i = 0; i < gray.length; i++) gray[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
  return gray;
}

/** Steepness of the edges: the 99.5th percentile of the Laplacian at 1200 pixels, after smoothing the noise away. */
export function blurred(canvas) {
  const seen = view(canvas, 1200), [width, height] = seen, counts = new Uint32Array(256);
  const gray = smooth(smooth(grays(seen), 1), width);
  for (let y = 2; y < height - 2; y++) {
    for (let x = 2; x < width - 2; x++) {
      const i = y * width + x;
      const edge = 4 * gray[i] - gray[i - 1] - gray[i + 1] - gray[i - width] - gray[i + width];
      counts[Math.min(Math.max(Math.round(edge), 0), 255)]++;
    }
  }
  let rest = (width - 4) * (height - 4) / 200;
  for (let level = 255; level > 0; level--) {
    rest -= counts[level];
    if (rest < 0) return level < BLURRED_BELOW;
  }
  return true;
}

/** A Gaussian of about one pixel along one axis. */
function smooth(gray, step) {
  const out = gray.slice();
  for (let i = 2 * step; i < gray.length - 2 * step; i++) {
    out[i] = 0.4 * gray[i] + 0.244 * (gray[i - step] + gray[i + step]) + 0.056 * (gray[i - 2 * step] + gray[i + 2 * step]);
  }
  return out;
}

export function dark(canvas) {
  const gray = grays(view(canvas, 200));
  return gray.reduce((sum, each) => sum + each, 0) / gray.length < DARK_BELOW;
}

/** Whether a good part of the card lies beyond the picture; where no table is seen around it, nothing is said. */
export function cut(canvas) {
  if (Math.max(canvas.width, canvas.height) / Math.min(canvas.width, canvas.height) > MAX_RATIO) return true;
  const card = find(canvas);
  if (!card || !card.touching.some((each) => each > TOUCHING) || !card.touching.some((each) => each < CLEAN)) return false;
  return card.filled > SOLID && (card.ratio < RATIOS[0] || card.ratio > RATIOS[1]);
}

/** Where the whole card lies, in percent of the picture; null where that cannot be told. */
export function place(canvas) {
  const card = find(canvas);
  return card && card.filled > SOLID && card.ratio > 1.35 && card.ratio < 1.75 && card.touching.every((each) => each < CLEAN) ? card.box : null;
}

function find(canvas) {
  const seen = view(canvas, 96), [width, height] = seen, card = cardIn(seen);
  const share = (left, top, right, bottom) => {
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += card[y * width + x];
    return sum / ((right - left) * (bottom - top));
  };
  const columns = Array.from({ length: width }, (_, x) => share(x, 0, x + 1, height));
  const rows = Array.from({ length: height }, (_, y) => share(0, y, width, y + 1));
  const across = extent(columns), down = extent(rows);
  if (!across || !down) return null;
  const [left, right, top, bottom] = [across[0], across[1] + 1, down[0], down[1] + 1], [wide, high] = [right - left, bottom - top];
  return {
    touching: [columns[0], columns[width - 1], rows[0], rows[height - 1]],
    filled: share(left, top, right, bottom),
    ratio: Math.max(wide, high) / Math.min(wide, high),
    box: { left: (left * 100) / width, top: (top * 100) / height, width: (wide * 100) / width, height: (high * 100) / height },
  };
}

/** Returns 1 for each place that is not like the table, whose colours are those of the four corners. */
function cardIn([width, height, data]) {
  const colour = (left, top, channel) => {
    let sum = 0;
    for (let y = top; y < top + 4; y++) for (let x = left; x < left + 4; x++) sum += data[4 * (y * width + x) + channel];
    return sum / 16;
  };
  const corners = [0, 1, 2].map((channel) =>
    [[0, 0], [width - 4, 0], [0, height - 4], [width - 4, height - 4]].map(([x, y]) => colour(x, y, channel)));
  const card = new Uint8Array(width * height);
  for (let i = 0; i < card.length; i++) {
    const x = (i % width) / width, y = Math.floor(i / width) / height;
    card[i] = Number(corners.some(([a, b, c, d], channel) => {
      const table = (a * (1 - x) + b * x) * (1 - y) + (c * (1 - x) + d * x) * y;
      return Math.abs(data[4 * i + channel] - table) > AWAY;
    }));
  }
  return card;
}

function extent(profile) {
  const least = Math.max(...profile) / 3, places = profile.flatMap((level, place) => (level > least ? [place] : []));
  return places.length && least > 0.03 ? [places[0], places.at(-1)] : null;
}
