// The keys of the desk (ux.md 2.6). A key does what a visible control does: it presses, chooses or goes there, nothing else.
// It never works while something is typed, and not at all for who switched the keys off: then this file is not fetched.

/** What a key presses or goes to, the first that is there. A page may also say it itself, with data-key. */
const PLACES = {
  "/": "#words",
  n: "#note",
  r: "#question, #reply",
  1: "[name=outcome][value=grant]",
  2: "[name=outcome][value^=part]",
  3: "[name=outcome][value=refuse]",
  4: "[name=outcome][value=no_data]",
  p: "form[action$='/letter'] .btn.primary",
};
const CHECKS = "#identity fieldset.verdict";
const LOOK = "form[action$='/card'] .btn.primary";
const TYPING = "input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select, [contenteditable]";
const SEQUENCE = 1500; // milliseconds between the two keys of "g q"

/** Listen to the keys; `dialog` lists them. */
export function keys(dialog) {
  const state = { first: "", at: 0, checking: location.hash === "#identity" };
  const acts = {
    j: () => step(1),
    k: () => step(-1),
    x: () => here()?.querySelector("input[type=checkbox]")?.click(),
    a: take,
    i: () => { state.checking = true; look(); },
    "?": () => dialog.showModal(),
  };

  function press(event) {
    if (event.defaultPrevented || event.isComposing || dialog.open) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return done(event, send());
    const altGr = event.getModifierState("AltGraph");
    if (!altGr && (event.ctrlKey || event.metaKey || event.altKey)) return;
    if (event.target.closest(TYPING)) return;
    done(event, act(event.key));
  }

  function act(key) {
    const soon = performance.now() - state.at < SEQUENCE;
    const sequence = state.first && soon ? `${state.first} ${key}` : "";
    state.first = key === "g" ? "g" : "";
    state.at = performance.now();
    if (sequence) return go(named(sequence));
    if (state.checking && (key === "y" || key === "n") && answer(key === "y" ? "yes" : "no")) return true;
    if (acts[key]) return acts[key]() ?? true;
    return go(named(key) ?? first(PLACES[key]));
  }

  /** What a page itself says about a key; what stands in the list of keys counts last. */
  function named(key) {
    return first(`:not(dialog a)[data-key="${CSS.escape(key)}"]`) ?? dialog.querySelector(`a[data-key="${CSS.escape(key)}"]`);
  }

  document.addEventListener("keydown", press);
  if (state.checking) open()?.querySelector("input").focus(); // nobody answers a question that is below the fold
  return () => document.removeEventListener("keydown", press);
}

function done(event, something) {
  if (something) event.preventDefault();
}

/** Return the first of these that is there; what is folded away is unfolded. */
function first(selector) {
  const node = selector ? document.querySelector(selector) : null;
  node?.closest("details:not([open])")?.setAttribute("open", "");
  return node;
}

/** Press a button or link, choose a radio button, put the cursor into a field. */
function go(node) {
  if (!node) return false;
  if (!node.matches("a, button")) node.focus();
  if (node.matches("a, button, [type=radio]")) node.click();
  node.scrollIntoView({ block: "nearest" });
  return true;
}

const rows = () => [...document.querySelectorAll("main .table tbody tr")].filter((row) => row.querySelector("th a"));
const here = () => document.activeElement?.closest("main tbody tr");

/** Go up or down the rows; Enter then opens, as on any link. */
function step(by) {
  const all = rows();
  const at = all.indexOf(here());
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  next?.querySelector("th a").focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** Take the request that is open, or the one of this row. */
function take() {
  const button = document.querySelector("form[action$='/take'] .btn");
  if (button) return go(button);
  const box = here()?.querySelector("input[name=chosen]");
  const choice = box?.form?.elements.to;
  if (!choice) return false;
  for (const each of document.querySelectorAll("input[name=chosen]")) each.checked = each === box;
  choice.value = choice.dataset.me;
  box.form.requestSubmit();
  return true;
}

/** Show the card if it was not shown yet; go to the first question that is open. */
function look() {
  if (document.querySelector(LOOK)) return go(document.querySelector(LOOK));
  const set = open() ?? document.querySelector(CHECKS);
  set?.querySelector("input").focus();
  document.querySelector("#identity")?.scrollIntoView({ block: "start" });
  return true;
}

const open = () => [...document.querySelectorAll(CHECKS)].find((set) => !set.querySelector("input:checked"));

/** Answer the first open question and go to the next; after the last one to the verdict. */
function answer(value) {
  const set = open();
  if (!set) return false;
  set.querySelector(`input[value=${value}]`).click();
  const next = open();
  if (next) next.querySelector("input").focus();
  else verdict();
  return true;
}

/** Where every answer is yes, propose that it is this person: Enter then keeps it. Else go to the verdicts. */
function verdict() {
  const form = document.querySelector(CHECKS).form ?? document.querySelector(CHECKS).closest("form");
  const yes = [...document.querySelectorAll(CHECKS)].every((set) => set.querySelector("input[value=yes]").checked);
  if (!yes) return form.querySelector("[name=verdict]").focus();
  form.querySelector("[name=verdict][value=confirmed]").checked = true;
  form.querySelector("button[type=submit]").focus();
}

/** Send the form in which we are; on the letter's page the letter. */
function send() {
  const form = document.activeElement?.closest("main form[method=post]");
  return go((form ?? document).querySelector(form ? "button" : "form[action$='/decision'] .btn.primary"));
}
