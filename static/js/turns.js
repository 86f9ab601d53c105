// The conversation without reloading: a turn is sent and shown in place, at its own address, with the focus on the open
// question and one line for screen readers. What this file cannot do is left to the browser: every form and link works alone.

import { start, stop } from "./app.js";
import { keepUnsent, putBack } from "./unsent.js";

const OF_A_CONVERSATION = /^\/[a-z]{2}\/c\//;
const PATIENCE = 30_000; // milliseconds until we say that the portal does not answer
const ASKED_AT = { "other-proof": "identity", mask: "identity" }; // pages that answer another turn's question
const SLOW = 1_000; // milliseconds until we say that it takes a moment

const log = document.querySelector("[role=log]");
let shown = address(location.href); // what stands on the page
let pending = null;
let changing = ""; // the answer on the check page that the person went to change

/** Take over the forms and links of a turn. A page that brings scripts of its own is left as it is. */
export function turns(main) {
  if (!log || document.querySelectorAll("head script[src]").length > 1) return;
  main.addEventListener("submit", send);
  main.addEventListener("click", follow);
  main.addEventListener("onward", goOn);
  if (!putBack(main)) return;
  main.querySelector("form").before(make("p", log.dataset.back, "notice info"));
  log.replaceChildren(make("p", log.dataset.back));
}

window.addEventListener("popstate", () => {
  if (address(location.href) === shown) return; // only the fragment changed
  pending?.abort();
  go(location.href, { back: true });
});

function send(event) {
  const form = event.target, button = event.submitter;
  if (event.defaultPrevented || form.method !== "post" || form.enctype === "multipart/form-data") return;
  if (form.hasAttribute("data-download")) return; // a file is for the browser to keep
  const url = button?.hasAttribute("formaction") ? button.formAction : form.action;
  if (new URL(url).origin !== location.origin) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.append(button.name, button.value);
  go(url, { form, body, pressed: button, step: stepOf(url), lands: button?.dataset.lands });
}

function follow(event) {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (!OF_A_CONVERSATION.test(link.pathname) || address(link.href) === shown) return;
  event.preventDefault();
  if (link.closest(".answers")) changing = stepOf(link.href);
  go(link.href, { pressed: link });
}

/** Go where a file that a script sent leads: that answered the turn of this page. */
function goOn(event) {
  event.preventDefault();
  pending?.abort();
  pending = null;
  go(event.detail, { sent: true, step: stepOf(location.href) });
}

/** Ask for a page and show it. `how`: form, body (then it is posted), sent (it was), pressed, step, lands, back. */
async function go(url, how) {
  if (pending && !how.back) return; // the second press of an impatient finger
  const mine = pending = new AbortController();
  const bell = setTimeout(() => mine.abort(), PATIENCE);
  const wait = setTimeout(() => how.pressed?.after(make("p", log.dataset.wait, "wait")), SLOW);
  try {
    const method = how.body ? "POST" : "GET";
    const answer = await fetch(url, { method, body: how.body, headers: { Accept: "text/html" }, signal: mine.signal });
    const page = isPage(answer) ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    if (mine === pending) await take(answer, page, how);
  } catch {
    if (mine === pending) strand(url, how);
  } finally {
    clearTimeout(bell);
    clearTimeout(wait);
    document.querySelector(".wait")?.remove();
    if (mine === pending) pending = null;
  }
}

/** Show what came: in place where it is a turn, or what a form was answered with; else let the browser go there. */
async function take(answer, page, how) {
  const main = page?.querySelector("main");
  if (how.form && main?.querySelector("[data-module~=copy]")) keepUnsent(answer.url, how.form);
  const inPlace = main && isOfThisPage(page) && (main.matches("[data-module~=turns]") || (how.body && !answer.redirected));
  if (inPlace) return show(answer, page, main, how);
  if (how.body && !answer.redirected) throw new Error("the form was answered with something else than a page");
  location.assign(answer.url);
}

async function show(answer, page, main, how) {
  const before = shown;
  shown = address(answer.url);
  if (how.back) history.replaceState(null, "", answer.url);
  else if (shown !== before) history.pushState(null, "", answer.url);
  const swap = () => {
    const old = document.querySelector("main");
    stop(old);
    old.replaceWith(document.adoptNode(main));
    replaceLanguages(page);
    document.title = page.title;
    start(main);
  };
  if (document.startViewTransition && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    const motion = document.startViewTransition(swap);
    motion.ready.catch(() => {}); // a motion that is skipped is no fault
    await motion.updateCallbackDone;
  } else swap();
  tell(main, answer.redirected || how.sent ? how.step : "");
  land(main, how);
}

/** Say in one line what was saved and where the person is. Errors are read by the focus. */
function tell(main, step) {
  if (main.querySelector(".errors")) return;
  const saved = step && main.querySelector(`[data-saved][data-step="${CSS.escape(step)}"]`)?.dataset.saved;
  const told = [...main.querySelectorAll("[data-told]")].map((node) => node.textContent.trim());
  const line = [saved, ...told, main.dataset.where].filter(Boolean).join(" ");
  if (line) log.replaceChildren(make("p", line));
}

/** Put the focus where reading goes on: errors, the place a button names, the row that was changed, the open question. */
function land(main, how) {
  const sent = how.body || how.sent;
  const row = sent && changing && changing === how.step ? `.answers [data-step="${CSS.escape(changing)}"]` : null;
  const node = main.querySelector(".errors")
    ?? (how.lands && document.getElementById(how.lands))
    ?? (row && main.querySelector(row))
    ?? main.querySelector("#q, h1");
  if (sent && !node?.matches(".errors")) changing = "";
  if (!node) return;
  if (!node.hasAttribute("tabindex")) node.tabIndex = -1;
  node.focus({ preventScroll: true });
  bring(node);
}

/** Scroll as little as shows the whole question, and never its heading out of sight. */
function bring(node) {
  window.scrollTo(0, 0);
  const over = (node.closest(".ask") ?? node).getBoundingClientRect().bottom + 16 - window.innerHeight;
  const room = node.getBoundingClientRect().top - 120;
  window.scrollBy(0, Math.max(0, Math.min(over, room)));
}

/** The portal cannot be reached: say so where the person is, keep what was typed, offer to try again. */
function strand(url, how) {
  if (how.back) return location.reload();
  if (how.form) delete how.form.dataset.sent;
  document.querySelector(".errors")?.remove();
  const box = make("div", "", "errors"), retry = make("button", log.dataset.retry, "btn");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", log.dataset.lost);
  box.tabIndex = -1;
  retry.type = "button";
  retry.addEventListener("click", () => {
    box.remove();
    if (how.form) how.form.requestSubmit(how.pressed?.form ? how.pressed : null);
    else go(url, how);
  });
  box.append(make("p", log.dataset.lost), retry);
  (how.form ?? document.querySelector("main .talk, main")).prepend(box);
  box.focus();
}

function replaceLanguages(page) {
  const next = page.querySelector("header .languages"), old = document.querySelector("header .languages");
  if (next && old) old.replaceWith(document.adoptNode(next));
}

function isPage(answer) {
  return (answer.headers.get("Content-Type") ?? "").startsWith("text/html");
}

/** Whether a page has the language, styles and scripts of this one: after an upgrade, or where a script is added, it is loaded whole. */
function isOfThisPage(page) {
  const parts = (of) => [of.documentElement.lang, ...[...of.querySelectorAll("head script[src], head link[rel=stylesheet]")]
    .map((node) => node.getAttribute("src") ?? node.getAttribute("href"))].join(" ");
  return parts(page) === parts(document);
}

function address(url) {
  return url.split("#")[0];
}

/** Return the turn an address belongs to; the first page asks what the turn "right" asks. */
function stepOf(url) {
  const { pathname } = new URL(url, location.href), last = pathname.split("/").at(-1);
  return OF_A_CONVERSATION.test(pathname) ? ASKED_AT[last] ?? last : "right";
}

function make(tag, text, name = "") {
  const node = document.createElement(tag);
  node.textContent = text;
  if (name) node.className = name;
  return node;
}
