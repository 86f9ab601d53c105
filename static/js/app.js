// Makes what already works a little smoother. A node asks for behaviour with data-module; each module gets its node.

const modules = { errors, once };

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
  modules[node.dataset.module]?.(node);
}
