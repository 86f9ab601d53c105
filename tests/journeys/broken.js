// Returns what is broken on a page as it stands: text that sticks out of the window or of its box, and controls that overlap.
() => {
  scrollTo(0, 0); // what stays in sight while one scrolls lies over nothing at the top
  const found = [];
  const name = (node) => `${node.tagName.toLowerCase()}.${node.className} "${node.textContent.trim().slice(0, 40)}"`;
  const seen = (node) => node.checkVisibility() && !node.closest(".vh, .skip, svg, .mask-stage"); // boxes lie over a picture
  const box = (node) => node.getBoundingClientRect();
  if (document.scrollingElement.scrollWidth > innerWidth) found.push(`the page is ${document.scrollingElement.scrollWidth} wide`);
  for (const node of document.querySelectorAll("body *")) {
    if (!seen(node) || node.closest(".table")) continue;
    if (box(node).right > innerWidth + 1) found.push(`sticks out of the window: ${name(node)}`);
    const text = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    const out = node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline";
    if (text && out && !node.matches("input, textarea, select")) found.push(`sticks out of its box: ${name(node)}`);
    const cut = node.scrollHeight > node.clientHeight + 1 && getComputedStyle(node).overflowY === "hidden";
    if (cut && node.clientHeight) found.push(`is cut off: ${name(node)}`);
  }
  const controls = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), textarea, select, summary, label.choice")]
    .filter((node) => seen(node) && getComputedStyle(node).opacity !== "0" && getComputedStyle(node).position !== "sticky");
  controls.forEach((one, place) => controls.slice(place + 1).forEach((other) => {
    if (one.contains(other) || other.contains(one)) return;
    for (const a of one.getClientRects()) for (const b of other.getClientRects()) {
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 2 && down > 8) found.push(`overlap by ${Math.round(down)}: ${name(one)} and ${name(other)}`);
    }
  }));
  return found.slice(0, 6);
}
