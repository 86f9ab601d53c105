// Black boxes over a picture: dragged, moved by keys, by buttons or by numbers. Knows places, not pixels: percent of the
// picture's width and height. The outline of a card carries the boxes of a stencil along.

const MOST = 8, LEAST = 2, STEP = 1, NUDGE = 2;
const SIDES = ["left", "top", "width", "height"];
// ISO/IEC 7810 ID-1.
const CARD = 85.6 / 53.98;
const CORNERS = ["nw", "ne", "sw", "se"];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const within = (value, low, high) => Math.min(Math.max(value, low), high);
const rounded = (value) => Math.round(value * 10) / 10;

/** Puts boxes on `sheet`, their numbers into `rows`; `say` gives words, `tell` reads them out, `changed` hears of a change. */
export function boxesOn(sheet, rows, row, say, tell, changed) {
  let boxes = [], outline = null, past = [], nodes = [], current = 0, ratio = 1, found = null, later = 0;

  const all = () => (outline ? [...boxes, outline] : boxes);

  const now = () => JSON.stringify([boxes, outline]);

  /** Keeps what is there now, so that it can be undone. */
  function keep() {
    past.push(now());
  }

  function undo() {
    let last = past.pop();
    while (last === now()) last = past.pop();
    if (!last) return;
    [boxes, outline] = JSON.parse(last);
    draw();
    tell(say("boxes", { number: boxes.length }));
  }

  /** Moves one to `place`, kept within the picture; the outline takes the boxes of its stencil along. */
  function put(one, place) {
    one.width = within(place.width, LEAST, 100);
    one.height = within(place.height, LEAST, 100);
    one.left = within(place.left, 0, 100 - one.width);
    one.top = within(place.top, 0, 100 - one.height);
    if (one === outline) for (const box of boxes) follow(box);
    else delete one.at;
    place_all();
  }

  function follow(box) {
    if (!box.at) return;
    const [left, top, width, height] = box.at;
    box.left = outline.left + (left * outline.width) / 100;
    box.top = outline.top + (top * outline.height) / 100;
    box.width = (width * outline.width) / 100;
    box.height = (height * outline.height) / 100;
  }

  function add(part, place = { left: 35, top: 40, width: 30, height: 20 }) {
    if (boxes.length >= MOST) return tell(say("most", { number: MOST }));
    keep();
    boxes.push({ part, ...place });
    current = boxes.length - 1;
    draw();
    nodes[current].focus({ preventScroll: true });
  }

  function remove(index) {
    if (index >= all().length) return;
    keep();
    if (index === boxes.length) outline = null;
    else boxes.splice(index, 1);
    draw();
    (nodes[Math.min(index, nodes.length - 1)] || sheet).focus({ preventScroll: true });
    tell(say("removed"));
  }

  /** Takes the places of a stencil, `photo 4 22 31 60, number ...`, on an outline where the card was found, or else as
   *  large as the picture allows. `kind` is the slug of the kind of card. */
  function stencil(places, kind) {
    keep();
    const share = CARD / ratio, width = Math.min(96, 96 * share), height = Math.min(96, 96 / share);
    outline = { part: "outline", ...(found ?? { left: (100 - width) / 2, top: (100 - height) / 2, width, height }) };
    boxes = places.split(", ").map((each) => {
      const [part, ...at] = each.split(" ");
      return { part, at: at.map(Number) };
    });
    outline.kind = kind;
    outline.places = boxes.map(({ part, at }) => [part, at[2], at[3]]);
    boxes.forEach(follow);
    draw();
    tell(say("boxes", { number: boxes.length }));
  }

  /** Starts anew on a picture that is `wide` times as wide as high; `card` is where the card was found on it, or null. */
  function begin(wide, card = null) {
    [ratio, found, boxes, outline, past, current] = [wide, card, [], null, [], 0];
    draw();
  }

  // -- showing --

  function draw() {
    for (const node of nodes) node.remove();
    nodes = all().map((one, index) => {
      const node = document.createElement("button");
      node.type = "button";
      node.className = one.part === "outline" ? "mask-outline" : "mask-box";
      node.id = `mask-box-${index}`;
      node.addEventListener("focus", () => { current = index; place_all(); });
      if (one.part !== "outline") node.append(span("mask-word", say(one.part)));
      for (const corner of CORNERS) node.append(span(`mask-grip ${corner}`));
      return node;
    });
    // The outline lies under the boxes.
    sheet.append(...(outline ? [nodes.at(-1), ...nodes.slice(0, -1)] : nodes));
    rows.replaceChildren(...boxes.map(numbers));
    place_all();
  }

  function span(name, words = "") {
    const node = document.createElement("span");
    node.className = name;
    node.setAttribute("aria-hidden", "true");
    node.textContent = words;
    return node;
  }

  function place_all() {
    current = within(current, 0, Math.max(0, nodes.length - 1));
    all().forEach((one, index) => {
      const node = nodes[index];
      if (!node) return;
      for (const side of SIDES) node.style[side] = `${one[side]}%`;
      node.classList.toggle("current", index === current);
      node.setAttribute("aria-label", spoken(one));
      for (const input of rows.children[index]?.querySelectorAll("input") ?? []) {
        if (input !== document.activeElement) input.value = rounded(one[input.dataset.side]);
      }
    });
    changed();
  }

  function spoken(one) {
    const values = Object.fromEntries(SIDES.map((side) => [side, rounded(one[side])]));
    return say("place", { what: say(`${one.part}-box`), ...values });
  }

  /** Gives the number fields of one box. */
  function numbers(box, index) {
    const node = row.content.cloneNode(true).firstElementChild;
    node.querySelector("legend").textContent = say("numbered", { number: index + 1 });
    for (const field of node.querySelectorAll("input, select")) {
      field.id = `mask-${index}-${field.dataset.side ?? "part"}`;
      field.closest(".field").querySelector("label").htmlFor = field.id;
    }
    node.querySelector("select").value = box.part;
    node.querySelector("select").onchange = ({ target }) => {
      keep();
      box.part = target.value;
      nodes[index].querySelector(".mask-word").textContent = say(box.part);
      place_all();
    };
    node.addEventListener("input", ({ target }) => {
      const value = Number.parseFloat(target.value);
      if (target.dataset.side && Number.isFinite(value)) put(box, { ...box, [target.dataset.side]: value });
    });
    node.addEventListener("focusin", () => { current = index; keep(); place_all(); });
    node.addEventListener("focusout", place_all);
    node.querySelector("button").onclick = () => remove(index);
    return node;
  }

  // -- keys, buttons and dragging --

  /** Moves the chosen box by steps, or its lower right corner. */
  function shift(across, down, size) {
    const one = all()[current];
    if (!one) return tell(say("none"));
    const [left, top] = size ? [one.left, one.top] : [one.left + across, one.top + down];
    const room = size ? [100 - left, 100 - top] : [100, 100];
    put(one, {
      left, top,
      width: Math.min(one.width + (size ? across : 0), room[0]),
      height: Math.min(one.height + (size ? down : 0), room[1]),
    });
    clearTimeout(later);
    later = setTimeout(() => tell(spoken(one)), 400);
  }

  sheet.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z") return undo();
    if (!nodes.includes(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) {
      if (!event.repeat) keep();
      const [across, down] = ARROWS[event.key];
      shift(across * STEP, down * STEP, event.shiftKey);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      remove(nodes.indexOf(event.target));
    } else {
      return;
    }
    event.preventDefault();
  });

  sheet.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    const held = event.target.closest("button"), corner = event.target.closest(".mask-grip");
    // A finger beside the boxes scrolls and zooms.
    if (!held && event.pointerType === "touch") return;
    event.preventDefault();
    drag(event, held ? all()[nodes.indexOf(held)] : null, corner ? CORNERS.find((each) => corner.classList.contains(each)) : "");
  });

  /** Follows the pointer from `down` on: moves `one`, pulls at its `corner`, or draws a new box where there is none. */
  function drag(down, one, corner) {
    const frame = sheet.getBoundingClientRect();
    const at = (event) => [((event.clientX - frame.left) / frame.width) * 100, ((event.clientY - frame.top) / frame.height) * 100];
    const [x, y] = at(down);
    if (!one) {
      if (boxes.length >= MOST) return tell(say("most", { number: MOST }));
      keep();
      boxes.push({ part: boxes.some(({ part }) => part === "photo") ? "number" : "photo", left: x, top: y, width: 0, height: 0 });
      [one, corner] = [boxes.at(-1), "se"];
      draw();
    } else {
      keep();
    }
    const start = { ...one }, right = start.left + start.width, bottom = start.top + start.height;
    nodes[all().indexOf(one)].focus({ preventScroll: true });
    sheet.setPointerCapture(down.pointerId);

    function move(event) {
      const [here, there] = at(event).map((each) => within(each, 0, 100));
      if (!corner) return put(one, { ...start, left: start.left + here - x, top: start.top + there - y });
      const [west, north] = [corner.includes("w"), corner.includes("n")];
      const [across, upright] = [west ? [here, right] : [start.left, here], north ? [there, bottom] : [start.top, there]];
      across.sort((a, b) => a - b);
      upright.sort((a, b) => a - b);
      put(one, { left: across[0], width: across[1] - across[0], top: upright[0], height: upright[1] - upright[0] });
    }

    function end(event) {
      sheet.removeEventListener("pointermove", move);
      sheet.removeEventListener("pointerup", end);
      sheet.removeEventListener("pointercancel", end);
      const nothing = one.width <= LEAST && one.height <= LEAST && !start.width;
      if (event.type === "pointercancel" || nothing) undo();
      else tell(spoken(one));
    }

    sheet.addEventListener("pointermove", move);
    sheet.addEventListener("pointerup", end);
    sheet.addEventListener("pointercancel", end);
  }

  function nudge(words) {
    const [across, down, size] = words.split(" ").map(Number);
    keep();
    shift(across * NUDGE, down * NUDGE, size === 1);
  }

  return { begin, add, undo, stencil, nudge, removeCurrent: () => remove(current), places: () => boxes.map((each) => ({ ...each })), card: () => outline };
}
