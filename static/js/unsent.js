// What somebody had typed when their session ended: kept in this tab alone, for an hour, and put back where it was typed.

const NAME = "unsent", LIFE = 3_600_000; // milliseconds
const NEVER = ["csrf_token", "code"];

/** Keeps the sentences of `form`, which was sent to `url` and could not be taken. */
export function keepUnsent(url, form) {
  const written = [...form.querySelectorAll("textarea, input[type=text], input[type=email]")]
    .filter(({ name, value }) => value.trim() && !NEVER.includes(name)).map(({ name, value }) => [name, value]);
  try {
    if (written.length) sessionStorage.setItem(NAME, JSON.stringify({ page: pageOf(url), at: Date.now(), written }));
  } catch {
    // a browser that keeps nothing: the page shows the text
  }
}

/** Puts back what was kept of this page, once; tells whether there was anything. */
export function putBack(main) {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(NAME));
    const old = kept && Date.now() - kept.at > LIFE;
    if (old || kept?.page === pageOf(location.href)) sessionStorage.removeItem(NAME);
    if (old || kept?.page !== pageOf(location.href)) return false;
  } catch {
    return false;
  }
  const fields = kept.written.map(([name, value]) => [main.querySelector(`form [name="${CSS.escape(name)}"]`), value]);
  const open = fields.filter(([field, value]) => field && field.value.trim() !== value.trim());
  for (const [field, value] of open) field.value = value;
  return open.length > 0;
}

/** The page without its language. */
function pageOf(url) {
  return new URL(url, location.href).pathname.replace(/^\/[a-z]{2}\//, "/");
}
