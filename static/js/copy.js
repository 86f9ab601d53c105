// A text to take along: it is selected whole as soon as somebody comes to it, and a button copies it.

/** Starts on a node with a text area and a hidden button (part copy) that knows what to say once it is done. */
export function copy(node) {
  const text = node.querySelector("textarea"), button = node.querySelector("[data-part=copy]");
  text.addEventListener("focus", () => text.select());
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.focus(); // where nothing may be put on the clipboard by itself, the keys do it from here
    await navigator.clipboard?.writeText(text.value).catch(() => {});
    button.textContent = button.dataset.done;
  });
}
