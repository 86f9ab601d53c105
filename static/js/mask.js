// Covers a picture of a card before it is sent: it is opened here, boxes and words are burned into its pixels here, and
// only that is sent. A file this browser cannot open goes to the server as it is, and is covered on the next page.

import { boxesOn } from "./boxes.js";
import { blank, blurred, cut, dark, place } from "./looks.js";
import { upload } from "./upload.js";

// Pixels, as the server has them.
const LONGEST = 2400, MIN_LONG = 480, MIN_SHORT = 300;
// Height of the line of words, by the picture's width; the server leaves it out of its measures.
const FOOT = 0.05;
const ZOOMS = [100, 150, 200, 300];
const QUALITY = 0.9;

// Width and height from which a box can hide its part, in per cent of the picture (intake/masks.py has the same).
const LEAST = { photo: [12, 16], number: [14, 3] };
// From which size on the outline of a card counts, and the share of the area and of each side of its place that a box has.
const LEAST_CARD = [25, 20], ENOUGH = 0.6, NARROWEST = 0.5;

/** Starts on a node that holds the choice of a file (part chooser) and the templates editor, row and words; returns what
 *  ends it: the picture is forgotten. */
export function mask(root) {
  const form = root.closest("form"), part = (name) => root.querySelector(`[data-part="${name}"]`);
  const words = part("words").content;
  const say = (name, values = {}) =>
    words.querySelector(`[data-say="${name}"]`).textContent.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const chooser = part("chooser"), input = chooser.querySelector("input[type=file]");
  input.closest(".field").after(part("note"));
  root.append(part("editor").content.cloneNode(true));
  const editor = root.querySelector(".mask-editor"), panel = part("transfer"), canvas = part("picture");
  const tell = (sentence) => { part("told").textContent = sentence; };
  const boxes = boxesOn(part("sheet"), part("rows"), part("row"), say, tell, settle);
  let zoom = 0, busy = false;

  function show(node) {
    for (const each of [chooser, editor, panel]) each.hidden = each !== node;
  }

  /** Opens the file that was chosen; what cannot be opened or is too small is said beside the input. */
  async function open() {
    const file = input.files[0];
    note("");
    if (!file) return;
    const image = await decode(file);
    if (!image) return note(say("unseen"), "info");
    const [long, short] = [Math.max(image.naturalWidth, image.naturalHeight), Math.min(image.naturalWidth, image.naturalHeight)];
    // From here on the form holds no uncovered picture.
    input.value = "";
    if (long < MIN_LONG || short < MIN_SHORT) return note(say("small"));
    paint(canvas, image, Math.min(1, LONGEST / long));
    image.src = "";
    if (blank(canvas)) {
      forget();
      return note(say("blank"));
    }
    errors([]);
    part("remarks").replaceChildren(...remarks());
    part("none").checked = false;
    begin();
    setZoom(0);
    show(editor);
    part("title").focus();
  }

  function begin() {
    boxes.begin(canvas.width / canvas.height, place(canvas));
  }

  /** Says what is wrong with the file, or what comes next, between it and the button, where the focus then is. */
  function note(sentence, tone = "err") {
    const told = part("note");
    told.className = `notice ${tone}`;
    told.textContent = sentence;
    told.hidden = !sentence;
    if (!sentence) return;
    told.focus({ preventScroll: true });
    told.scrollIntoView({ block: "center" }); // on a telephone it would stand below what is seen
  }

  function remarks() {
    const found = Object.entries({ blurred, cropped: cut, dark }).filter(([, odd]) => odd(canvas));
    return found.map(([name]) => {
      const node = document.createElement("p");
      node.className = "notice warn";
      node.textContent = say(name);
      return node;
    });
  }

  /** Forgets the picture, and shows the choice of a file again. */
  function forget() {
    busy = false;
    canvas.width = canvas.height = 0;
    boxes.begin(1);
    show(chooser);
  }

  function setZoom(step) {
    zoom = Math.min(Math.max(step, 0), ZOOMS.length - 1);
    part("sheet").style.width = `${ZOOMS[zoom]}%`;
    tell(say("zoomed", { percent: ZOOMS[zoom] }));
  }

  function turn() {
    const turned = document.createElement("canvas");
    [turned.width, turned.height] = [canvas.height, canvas.width];
    const pen = turned.getContext("2d");
    pen.translate(turned.width, 0);
    pen.rotate(Math.PI / 2);
    pen.drawImage(canvas, 0, 0);
    paint(canvas, turned, 1);
    begin();
  }

  // -- sending --

  /** Says what still shows, in the words of the server; an empty list means that everything is covered. */
  function openParts(places) {
    const asked = part("none").checked ? ["photo"] : ["photo", "number"], card = boxes.card();
    return asked.filter((each) => !places.some((box) => box.part === each && hides(box, card))).map((each) => {
      const tried = places.findIndex((box) => box.part === each);
      return tried < 0 ? [`mask-${each}`, `cover-${each}`] : [`mask-box-${tried}`, `larger-${each}`];
    });
  }

  /** Drops an error as soon as its part is covered. */
  function settle() {
    if (!part("errors").hidden && !openParts(boxes.places()).length) errors([]);
  }

  function errors(found) {
    const box = part("errors");
    box.hidden = !found.length;
    box.querySelector("ul").replaceChildren(...found.map(([target, sentence]) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.textContent = sentence;
      if (target) link.href = `#${target}`;
      item.append(link);
      return item;
    }));
    if (found.length) box.focus();
  }

  async function use() {
    if (busy) return;
    const places = boxes.places(), open = openParts(places);
    errors(open.map(([target, name]) => [target, say(name)]));
    if (open.length) return;
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    body.set("covered", "yes");
    if (part("none").checked) body.set("no-number", "yes");
    places.forEach((box, index) => {
      for (const key of ["part", "left", "top", "width", "height"]) body.set(`box-${index}-${key}`, box[key]);
    });
    const card = boxes.card();
    if (card) for (const key of ["kind", "width", "height"]) body.set(`outline-${key}`, card[key]);
    busy = true;
    try {
      body.set("card", await burn(canvas, places, say("mark")), "card.jpg");
    } catch (fault) {
      busy = false;
      throw fault;
    }
    send(body, editor);
  }

  function send(body, from) {
    busy = true;
    show(panel);
    upload(panel, form.action, body, say, (sentence) => {
      busy = false;
      show(from);
      if (from === editor) errors(sentence ? [["", sentence]] : []);
      else note(sentence || "");
      if (!sentence) (from === editor ? part("use") : input).focus();
    });
    panel.scrollIntoView({ block: "center" }); // on a telephone it would stand under the bar
  }

  form.addEventListener("submit", (event) => {
    if (!editor.hidden) {
      event.preventDefault();
      use();
    } else if (input.files.length) {
      event.preventDefault();
      if (!busy) send(new FormData(form), chooser);
    }
  });

  input.addEventListener("change", open);
  part("none").onchange = settle;
  part("another").onclick = () => { forget(); input.focus(); };
  part("undo").onclick = boxes.undo;
  part("turn").onclick = turn;
  part("larger").onclick = () => setZoom(zoom + 1);
  part("smaller").onclick = () => setZoom(zoom - 1);
  part("remove").onclick = boxes.removeCurrent;
  for (const node of editor.querySelectorAll("[data-add]")) node.onclick = () => boxes.add(node.dataset.add);
  for (const node of editor.querySelectorAll("[data-stencil]")) node.onclick = () => boxes.stencil(node.dataset.stencil, node.dataset.kind);
  for (const node of editor.querySelectorAll("[data-nudge]")) node.onclick = () => boxes.nudge(node.dataset.nudge);
  // Who comes back by the back button finds no picture.
  window.addEventListener("pagehide", forget);
  show(chooser);
  if (input.files.length) open();
  return () => {
    window.removeEventListener("pagehide", forget);
    forget();
  };
}

/** Tells whether a box is as large as its part is: on the card that was outlined, else on any card that can be read. */
function hides({ part, width, height }, card) {
  const sized = card && card.width >= LEAST_CARD[0] && card.height >= LEAST_CARD[1];
  const place = sized && card.places.find(([each]) => each === part);
  if (!place) return width >= LEAST[part][0] && height >= LEAST[part][1];
  const wide = (place[1] * card.width) / 100, high = (place[2] * card.height) / 100;
  return width >= NARROWEST * wide && height >= NARROWEST * high && width * height >= ENOUGH * wide * high;
}

/** Returns the picture in `file`, upright, or null where this browser cannot show it. */
async function decode(file) {
  const image = new Image(), address = URL.createObjectURL(file);
  try {
    image.src = address;
    await image.decode();
    return image.naturalWidth ? image : null;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}

function paint(canvas, image, factor) {
  const width = image.naturalWidth ?? image.width, height = image.naturalHeight ?? image.height;
  [canvas.width, canvas.height] = [Math.round(width * factor), Math.round(height * factor)];
  const pen = canvas.getContext("2d");
  // Under a picture that is see-through.
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
}

/** Returns a JPEG of `source` with the words at its foot and black boxes over it. */
function burn(source, places, mark) {
  const copy = document.createElement("canvas"), { width, height } = source;
  [copy.width, copy.height] = [width, height];
  const pen = copy.getContext("2d");
  pen.drawImage(source, 0, 0);
  pen.font = `700 ${width * FOOT * 0.62}px "Atkinson Hyperlegible", sans-serif`;
  pen.fillStyle = "#8a1538";
  pen.textAlign = "center";
  pen.fillText(mark, width / 2, height - width * FOOT * 0.3, width * 0.96);
  pen.fillStyle = "black";
  for (const box of places) {
    const [left, top] = [Math.floor((box.left * width) / 100), Math.floor((box.top * height) / 100)];
    const right = Math.ceil(((box.left + box.width) * width) / 100), bottom = Math.ceil(((box.top + box.height) * height) / 100);
    pen.fillRect(left, top, right - left, bottom - top);
  }
  return new Promise((done) => {
    copy.toBlob((blob) => {
      copy.width = copy.height = 0;
      done(blob);
    }, "image/jpeg", QUALITY);
  });
}
