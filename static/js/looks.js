// Whether a picture is blank, or looks blurred, dark or cut off, and where the card lies: the measures of the server
// (portal/files/looks.py and outline.py), so that it can be said before anything is covered or sent.

// As on the server. The rim is where a smoothing by 6 pixels reaches beyond the picture.
const RIM = 24, BLURRED_BELOW = 6, DARK_BELOW = 35, MAX_RATIO = 2.4;
const SIZE = 192, CORNER = 8, AWAY = 24, LEAST = 0.1, TOUCHING = 0.7, BEYOND = 1.35, CLEAN = 0.03, STRAIGHT = 0.985;
const SOLID = 0.85, FILLING = 0.92, RATIOS = [1.5, 1.77];

/** Returns [width, height, channel after channel] of `canvas`, no side longer than `longest`, through a `filter`. */
function view(canvas, longest, filter = "none") {
  const factor = longest / Math.max(canvas.width, canvas.height), small = document.createElement("canvas");
  const [width, height] = [Math.round(canvas.width * factor), Math.round(canvas.height * factor)];
  [small.width, small.height] = [width, height];
  const pen = small.getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingQuality = "high";
  pen.filter = filter;
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

/** Whether there is nothing to see: fewer than a handful of places differ from their surroundings. */
export function blank(canvas) {
  const seen = view(canvas, 512), [width, height] = seen, gray = grays(seen);
  const soft = [1, 2, 4, 5].reduce((each, reach) => smooth(smooth(each, reach), reach * width), gray);
  let marks = 0;
  for (let y = RIM; y < height - RIM; y++) {
    for (let x = RIM; x < width - RIM; x++) if (Math.abs(gray[y * width + x] - soft[y * width + x]) >= 14) marks++;
  }
  return marks < (width * height) / 8000;
}

/** A Gaussian of about `step` pixels along one axis. */
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

/** Whether a part of the card lies beyond the picture; where no table is seen around it, nothing is said. */
export function cut(canvas) {
  if (Math.max(canvas.width, canvas.height) / Math.min(canvas.width, canvas.height) > MAX_RATIO) return true;
  const card = find(canvas);
  if (!card || card.filled < SOLID || card.sides.every(([taken]) => taken >= CLEAN)) return false;
  if (card.sides.some(([taken, , whole]) => taken > BEYOND * whole)) return false;
  const touching = card.sides.map(([taken, , whole]) => taken > TOUCHING * whole), [left, right, top, bottom] = touching;
  const number = touching.filter(Boolean).length, shaped = card.ratio >= RATIOS[0] && card.ratio <= RATIOS[1];
  if (!number || (shaped && number > 2 && Math.min(...card.spans) > FILLING)) return false;
  // In a corner, but not as on a scan of all the glass; or without the round corners of a whole card.
  return !shaped || (left !== right && top !== bottom && Math.max(...card.spans) > 0.5)
    || card.sides.some(([taken, further], side) => touching[side] && taken > STRAIGHT * further);
}

/** Where the whole card lies, in percent of the picture; null where that cannot be told. */
export function place(canvas) {
  const card = find(canvas);
  return card && card.filled > SOLID && card.ratio > 1.35 && card.ratio < 1.75 && card.sides.every(([taken]) => taken < CLEAN) ? card.box : null;
}

function find(canvas) {
  // A browser without filters takes the grain of a table more often for a card.
  const seen = view(canvas, SIZE, "blur(1px)"), [width, height] = seen, card = cardIn(seen);
  const columns = new Array(width).fill(0), rows = new Array(height).fill(0);
  card.forEach((is, i) => {
    columns[i % width] += is / height;
    rows[Math.floor(i / width)] += is / width;
  });
  if (Math.max(...columns) < LEAST || Math.max(...rows) < LEAST) return null;
  const across = extent(columns), down = extent(rows), high = across.median * height, wide = down.median * width;
  const sides = [[columns, across.median], [rows, down.median]].flatMap(([profile, whole]) =>
    [[profile[0], profile[CORNER], whole], [profile.at(-1), profile.at(-1 - CORNER), whole]]);
  return {
    // Of the left, right, upper and lower side: how much the card takes of it, a little further in, and as a rule.
    sides,
    spans: [across.count / width, down.count / height],
    filled: (columns.reduce((sum, each) => sum + each, 0) * height) / (across.count * down.count),
    ratio: Math.max(wide, high) / Math.min(wide, high),
    box: {
      left: (across.first * 100) / width, top: (down.first * 100) / height,
      width: ((across.last + 1 - across.first) * 100) / width, height: ((down.last + 1 - down.first) * 100) / height,
    },
  };
}

/** Returns 1 for each place that is not like the table, whose colours are those of the four corners. */
function cardIn(seen) {
  const [width, height, data] = seen, corners = tableOf(seen), card = new Uint8Array(width * height);
  for (let i = 0; i < card.length; i++) {
    const x = (i % width) / width, y = Math.floor(i / width) / height;
    for (let channel = 0; channel < 3; channel++) {
      const [a, b, c, d] = corners.map((corner) => corner[channel]);
      const table = (a * (1 - x) + b * x) * (1 - y) + (c * (1 - x) + d * x) * y;
      if (Math.abs(data[4 * i + channel] - table) > AWAY) card[i] = 1;
    }
  }
  return card;
}

/** Returns the colour of the table in each corner; where a corner shows the card, by what the others show. */
function tableOf([width, height, data]) {
  const colour = (left, top, right, bottom) => [0, 1, 2].map((channel) => {
    const levels = [];
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) levels.push(data[4 * (y * width + x) + channel]);
    return median(levels);
  });
  const step = (one, two) => Math.max(...one.map((level, channel) => Math.abs(level - two[channel])));
  const mean = (colours) => [0, 1, 2].map((channel) => colours.reduce((sum, each) => sum + each[channel], 0) / colours.length);
  const corners = [[0, 0], [width - CORNER, 0], [0, height - CORNER], [width - CORNER, height - CORNER]]
    .map(([x, y]) => colour(x, y, x + CORNER, y + CORNER));
  const odd = corners.findIndex((corner) => {
    const [a, b, c] = corners.filter((each) => each !== corner);
    return Math.min(step(corner, a), step(corner, b), step(corner, c)) > 1.2 * Math.max(AWAY, step(a, b), step(b, c), step(a, c));
  });
  if (odd >= 0) return corners.map((each, place) => (place === odd ? mean([corners[odd ^ 1], corners[odd ^ 2]]) : each));
  const middle = colour(width >> 2, height >> 2, (width * 3) >> 2, (height * 3) >> 2);
  const away = corners.map((each) => step(each, middle)), furthest = Math.max(...away);
  const table = corners.filter((_, place) => away[place] > Math.max(0.4 * furthest, 1));
  return furthest > AWAY ? corners.map((each) => (table.includes(each) ? each : mean(table))) : corners;
}

function median(levels) {
  return levels.sort((a, b) => a - b)[levels.length >> 1];
}

function extent(profile) {
  const least = Math.max(...profile) / 3, places = profile.flatMap((level, place) => (level > least ? [place] : []));
  return { first: places[0], last: places.at(-1), count: places.length, median: median(places.map((place) => profile[place])) };
}
