// Asks every 15 seconds who else has a request open, and says so where the page already says it without script. The server
// does not take this for work: a desk that nobody sits at is signed out all the same.

const EVERY = 15_000;

/** `node` says where to ask (data-url), which request is open here (data-here, data-version) or which rows are shown. */
export function presence(node) {
  const places = node.dataset.here ? [node] : [...document.querySelectorAll("[data-beside]")];
  const timer = setInterval(ask, EVERY);
  document.addEventListener("focusin", decide);

  async function ask() {
    if (document.hidden) return;
    const answer = await fetch(address(), { headers: { "X-Background": "1" }, redirect: "manual" }).catch(() => null);
    if (answer?.ok) return show(await answer.json());
    show({ beside: {}, version: null }); // nobody is said to be here of whom that is not known
    if (answer && answer.status < 500) clearInterval(timer); // signed out; a server or a line that is down comes back
  }

  function address() {
    const asked = new URLSearchParams(node.dataset.here ? { here: node.dataset.here, doing: node.dataset.doing } : {});
    if (!node.dataset.here) for (const each of places) asked.append("of", each.dataset.beside);
    return `${node.dataset.url}?${asked}`;
  }

  function show({ beside, version }) {
    for (const place of places) {
      const words = beside[place.dataset.beside ?? place.dataset.here] ?? "";
      const said = place.querySelector("[data-part=beside]") ?? place;
      if (said.textContent !== words) said.textContent = words;
      said.hidden = !words;
    }
    const moved = node.querySelector("[data-part=moved]");
    if (moved && version !== null) moved.hidden = String(version) === node.dataset.version;
  }

  /** Whoever is in the form of the decision is deciding. */
  function decide(event) {
    if (event.target.closest("#decision form, .letter-send")) node.dataset.doing = "deciding";
  }

  return () => {
    clearInterval(timer);
    document.removeEventListener("focusin", decide);
  };
}
