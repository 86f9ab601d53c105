// Makes what already works a little smoother. A node asks for behaviour with data-module (one or more names); each module
// gets its node and may return a function that is called when the node leaves the page.

const modules = { errors, once };

/** Modules with a file of their own, fetched where a page asks for them. The file exports a function of that name. */
const files = {
  copy: () => import("./copy.js"),
  keys: () => import("./keys.js"),
  mask: () => import("./mask.js"),
  presence: () => import("./presence.js"),
  signature: () => import("./signature.js"),
  turns: () => import("./turns.js"),
  undo: () => import("./undo.js"),
};

/** What to call when a node leaves, by node. */
const endings = new WeakMap();

/** Start the modules of `root` and of everything in it. */
export function start(root) {
  for (const node of asking(root)) {
    for (const name of node.dataset.module.split(" ")) {
      if (modules[name]) keep(node, modules[name](node));
      else if (node.dataset.when === "used") whenUsed(node, () => load(node, name));
      else load(node, name);
    }
  }
}

/** End the modules of `root` and of everything in it. */
export function stop(root) {
  for (const node of asking(root)) {
    for (const end of endings.get(node) ?? []) end();
    endings.delete(node);
  }
}

function asking(root) {
  const nodes = [...root.querySelectorAll("[data-module]")];
  return root.matches?.("[data-module]") ? [root, ...nodes] : nodes;
}

function keep(node, end) {
  if (typeof end === "function") endings.set(node, [...(endings.get(node) ?? []), end]);
}

/** Fetch a module and start it on `node`; where that fails, the page works as it does without script. */
async function load(node, name) {
  const file = await files[name]?.().catch(() => null);
  if (!file || !node.isConnected) return;
  keep(node, file[name](node));
  node.dataset.started = name;
}

/** Do something at the first touch or key: what the first view does not need may wait that long. */
function whenUsed(node, act) {
  const signs = ["pointerdown", "keydown", "focusin"];
  const begin = () => {
    for (const sign of signs) node.removeEventListener(sign, begin);
    act();
  };
  for (const sign of signs) node.addEventListener(sign, begin, { passive: true });
}

/** The summary of errors has the focus, also where the browser skips autofocus: an older one, or an address with a fragment. */
function errors(node) {
  if (document.readyState === "complete") return;
  window.addEventListener("load", () => requestAnimationFrame(() => node.focus()), { once: true });
}

/** A form is sent once: the second press of an impatient finger does nothing for a while. The button keeps its label. */
function once(form) {
  const reopen = () => { delete form.dataset.sent; };
  const send = (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(reopen, 4000);
  };
  form.addEventListener("submit", send);
  window.addEventListener("pageshow", reopen); // a page that the browser kept whole may be sent again
  return () => window.removeEventListener("pageshow", reopen);
}

start(document);
