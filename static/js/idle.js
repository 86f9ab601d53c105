// Warns two minutes before a session ends, keeps it where somebody says so, and covers the page once it has ended.

const dialog = document.querySelector("dialog.idle");
if (dialog) watch(dialog);

function watch(node) {
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("desk") : null;
  let ends = Date.now() + Number(node.dataset.seconds) * 1000;
  let timer = 0;

  const part = (name) => node.querySelector(`[data-part="${name}"]`);
  const wait = () => {
    clearTimeout(timer);
    const left = ends - Date.now();
    const warning = left - Number(node.dataset.warn) * 1000;
    if (left <= 0) over();
    else if (warning > 0) timer = setTimeout(wait, warning);
    else { warn(); timer = setTimeout(wait, left); }
  };
  const warn = () => { if (!node.open) node.showModal(); };
  const over = () => {
    part("soon").hidden = true;
    part("over").hidden = false;
    node.addEventListener("cancel", (event) => event.preventDefault()); // what is behind stays covered
    if (!node.open) node.showModal();
  };
  const lasts = (seconds) => {
    ends = Date.now() + seconds * 1000;
    if (node.open && part("over").hidden) node.close();
    wait();
  };

  const stay = async () => {
    const headers = { "X-CSRFToken": document.querySelector("input[name=csrf_token]").value };
    try {
      const answer = await fetch(node.dataset.stay, { method: "POST", headers, redirect: "error" });
      if (!answer.ok) return over();
      const { seconds } = await answer.json();
      lasts(seconds);
      tabs?.postMessage(seconds);
    } catch {
      // no answer from the portal: the dialog stays, and so does the button
    }
  };
  const again = () => {
    const form = [...document.querySelectorAll("main form[method=post]")].find(isTyped);
    if (form) form.submit(); // the answer is the sign-in page, which carries along what was typed
    else location.assign(node.dataset.signIn);
  };

  const acts = { stay, again, close: () => node.close() };
  node.addEventListener("click", (event) => acts[event.target.dataset.act]?.());
  document.addEventListener("visibilitychange", wait); // a machine that slept has no timers
  tabs?.addEventListener("message", (event) => lasts(event.data));
  tabs?.postMessage(Number(node.dataset.seconds));
  wait();
}

/** Whether somebody changed anything in the form. */
function isTyped(form) {
  return [...form.elements].some((each) => {
    if (each.type === "radio" || each.type === "checkbox") return each.checked !== each.defaultChecked;
    if (each instanceof HTMLSelectElement) return [...each.options].some((one) => one.selected !== one.defaultSelected);
    return "defaultValue" in each && each.type !== "hidden" && each.value !== each.defaultValue;
  });
}
