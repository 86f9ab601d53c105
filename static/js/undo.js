// Counts down how long a letter can still be taken back. The seconds are for the eye only; a reader program hears once that
// the letter has left. The form works without this.

/** `bar` says how many seconds are left (data-seconds). */
export function undo(bar) {
  const ends = performance.now() + Number(bar.dataset.seconds) * 1000;
  const left = bar.querySelector("[data-part=left]");
  const timer = setInterval(tick, 250);

  function tick() {
    const seconds = Math.ceil((ends - performance.now()) / 1000);
    if (seconds > 0) left.textContent = seconds;
    else over();
  }

  /** The button goes; whoever was on it goes on with the page. */
  function over() {
    clearInterval(timer);
    const form = bar.querySelector("form");
    const here = form.contains(document.activeElement);
    const said = bar.querySelector("[data-part=over]");
    said.textContent = said.dataset.words;
    form.remove();
    if (here) document.querySelector("main").focus({ preventScroll: true });
  }

  return () => clearInterval(timer);
}
