// A signature drawn with a finger, a pen or the mouse. What is kept and sent are strokes in a box of 1000 by 400, whatever
// the size of the screen, so that turning it loses nothing. The server draws them again in the same way (cases/strokes.py).

const WIDTH = 1000, HEIGHT = 400, INK = 7;
const STEP = 4; // places nearer than this to the last one say nothing new
const MOST_STROKES = 200, MOST_POINTS = 4000;

/** Offer drawing beside typing, and keep what is drawn in the hidden field of the form. */
export function signature(node) {
  const [ways, typed, drawn] = ["ways", "typed", "drawn"].map((name) => node.querySelector(`[data-part=${name}]`));
  const canvas = drawn.querySelector("canvas"), field = drawn.querySelector("[name=strokes]");
  const state = drawn.querySelector("[role=status]"), ink = getComputedStyle(canvas).color;
  let strokes = [], pen = null;

  ways.disabled = drawn.disabled = ways.hidden = false;
  ways.addEventListener("change", choose);
  canvas.addEventListener("pointerdown", begin);
  canvas.addEventListener("pointermove", go);
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) canvas.addEventListener(name, end);
  drawn.addEventListener("click", press);
  const size = new ResizeObserver(draw);
  size.observe(canvas);
  window.addEventListener("pageshow", recall);
  recall();
  return () => {
    size.disconnect();
    window.removeEventListener("pageshow", recall);
  };

  /** Take over what the page, or the browser on the way back to it, has kept. */
  function recall() {
    strokes = JSON.parse(field.value || "[]");
    choose();
    draw();
  }

  function choose() {
    const drawing = ways.querySelector(":checked")?.value === "drawn";
    typed.hidden = drawing;
    drawn.hidden = !drawing;
  }

  function begin(event) {
    if (pen !== null || event.button !== 0) return;
    if (isFull()) return tell();
    pen = event.pointerId;
    canvas.setPointerCapture(pen);
    strokes.push([place(event)]);
    draw();
  }

  function go(event) {
    if (event.pointerId !== pen) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length ? passed : [event]) add(place(each));
    draw();
  }

  function end(event) {
    if (event.pointerId !== pen) return;
    pen = null;
    keep();
  }

  function press(event) {
    const wish = event.target.closest("[data-do]")?.dataset.do;
    if (!wish || pen !== null) return;
    strokes = wish === "undo" ? strokes.slice(0, -1) : [];
    draw();
    keep();
  }

  function add([x, y]) {
    const [lastX, lastY] = strokes.at(-1).at(-1);
    if (Math.hypot(x - lastX, y - lastY) >= STEP && points() < MOST_POINTS) strokes.at(-1).push([x, y]);
  }

  function keep() {
    field.value = strokes.length ? JSON.stringify(strokes) : "";
    tell();
  }

  function tell() {
    const { none, one, more, full } = state.dataset;
    const many = strokes.length > 1 ? more.replace("#", strokes.length) : one;
    state.textContent = isFull() ? full : strokes.length ? many : none;
  }

  function points() {
    return strokes.reduce((sum, line) => sum + line.length, 0);
  }

  function isFull() {
    return strokes.length >= MOST_STROKES || points() >= MOST_POINTS;
  }

  /** Where the pen is, in whole numbers of our box; outside of the canvas, its nearest edge. */
  function place(event) {
    const box = canvas.getBoundingClientRect();
    const within = (share, most) => Math.min(most, Math.max(0, Math.round(share * most)));
    return [within((event.clientX - box.left) / box.width, WIDTH), within((event.clientY - box.top) / box.height, HEIGHT)];
  }

  /** Draw everything anew, as sharp as the screen is. */
  function draw() {
    const sharp = window.devicePixelRatio || 1, brush = canvas.getContext("2d");
    canvas.width = Math.round(canvas.clientWidth * sharp);
    canvas.height = Math.round(canvas.clientHeight * sharp);
    brush.setTransform(canvas.width / WIDTH, 0, 0, canvas.height / HEIGHT, 0, 0);
    Object.assign(brush, { lineWidth: INK, lineCap: "round", lineJoin: "round", strokeStyle: ink });
    brush.beginPath();
    for (const line of strokes) trace(brush, line);
    brush.stroke();
  }
}

/** One stroke: smooth through the middle between each two places; a dot for a single one. */
function trace(brush, line) {
  const [start, ...rest] = line;
  brush.moveTo(...start);
  if (!rest.length) return brush.lineTo(start[0] + 1, start[1]);
  for (let index = 0; index < rest.length - 1; index += 1) {
    const [[x, y], [afterX, afterY]] = [rest[index], rest[index + 1]];
    brush.quadraticCurveTo(x, y, (x + afterX) / 2, (y + afterY) / 2);
  }
  brush.lineTo(...rest.at(-1));
}
