// Makes what already works a little smoother. A node asks for behaviour with data-module; each module gets its node.

const modules = { errors, once };

/** Modules with a file of their own, fetched where a page asks for them. The file exports a function of that name. */
const files = {
  mask: () => import("./mask.js"),
};

/** Fetch a module and start it on `node`; where that fails, the page works as it does without script. */
async function load(node, name) {
  const file = await files[name]?.().catch(() => null);
  file?.[name](node);
}

/** The summary of errors has the focus, also where the browser skips autofocus: an older one, or an address with a fragment. */
function errors(node) {
  window.addEventListener("load", () => requestAnimationFrame(() => node.focus()), { once: true });
}

/** A form is sent once: the second press of an impatient finger does nothing for a while. The button keeps its label. */
function once(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    setTimeout(() => { sent = false; }, 4000);
  });
}

for (const node of document.querySelectorAll("[data-module]")) {
  const name = node.dataset.module;
  if (modules[name]) modules[name](node);
  else load(node, name);
}
