// Sends a form with a file and says how far it is, in words. What could not be sent is kept, and sent again on demand
// or as soon as there is a connection. Needs a panel with the parts state, bar, cancel, retry and back.

/**
 * Sends `body` to `url` and follows what comes back.
 * panel: the node that shows the progress; it is hidden when nothing is under way.
 * say(name, values): words in the person's language: sending, looking, offline, failed.
 * back(sentence): called when the person stopped, or with the sentence of a server that refused the file.
 */
export function upload(panel, url, body, say, back) {
  const part = (name) => panel.querySelector(`[data-part="${name}"]`);
  let request = null;

  function close(sentence) {
    window.removeEventListener("online", start);
    panel.hidden = true;
    back(sentence);
  }

  function fail(sentence) {
    request = null;
    part("state").textContent = sentence || say(navigator.onLine ? "failed" : "offline");
    show(false);
    part("retry").focus();
  }

  function show(sending) {
    part("bar").hidden = !sending;
    part("cancel").hidden = !sending;
    part("retry").hidden = sending;
    part("back").hidden = sending;
    panel.classList.toggle("wrong", !sending);
  }

  function start() {
    if (request) return;
    request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
    request.onload = () => follow(request);
    request.onerror = () => fail();
    request.onabort = () => close();
    show(true);
    progress(0);
    part("state").focus({ preventScroll: true });
    request.send(body);
  }

  function progress(share) {
    part("bar").value = share;
    // A screen reader says each once.
    const words = share < 1 ? say("sending", { percent: Math.floor(share * 10) * 10 }) : say("looking");
    if (part("state").textContent !== words) part("state").textContent = words;
  }

  function follow({ status, responseURL, responseText }) {
    const told = answerOf(responseText);
    if (told?.next) leave(told.next);
    else if (status < 400) leave(responseURL);
    else if (told?.sentence && status < 500) close(told.sentence);
    else fail(told?.sentence);
  }

  function leave(address) {
    window.removeEventListener("online", start);
    part("cancel").hidden = true;
    // Where turns are shown in place, this one is too: its question is read, and not the page from its top.
    if (panel.dispatchEvent(new CustomEvent("onward", { detail: address, bubbles: true, cancelable: true }))) location.assign(address);
  }

  part("cancel").onclick = () => request?.abort();
  part("retry").onclick = start;
  part("back").onclick = () => close();
  window.addEventListener("online", start);
  panel.hidden = false;
  start();
}

function answerOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
