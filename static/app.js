/* Conveniences only: every page does its whole work without this file. */
(function () {
  "use strict";

  // A form is sent once. The pressed button keeps its name and value, so nothing is disabled before sending.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });
  // Coming back by the browser's own button must find the form usable again; so must a download by POST.
  function release(form) {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach(function (b) { b.removeAttribute("aria-busy"); });
  }
  window.addEventListener("pageshow", function () { document.querySelectorAll("form[data-sent]").forEach(release); });
  document.addEventListener("submit", function (event) {
    if (event.target.hasAttribute("data-download")) window.setTimeout(release, 3000, event.target);
  });

  // data-guard: a form whose changes are not to be lost.  Whoever leaves by a way that does not send it is asked by the
  // browser; data-leave is a link on which he has been asked already.
  var leaving = false;
  function sent(form) {
    var held = [];
    new FormData(form).forEach(function (value, name) { if (typeof value === "string") held.push(name + "=" + value); });
    return held.join("&");
  }
  document.querySelectorAll("form[data-guard]").forEach(function (form) {
    var drawn = sent(form);
    form.addEventListener("submit", function () { leaving = true; });
    window.addEventListener("beforeunload", function (event) {
      if (!leaving && (form.hasAttribute("data-changed") || sent(form) !== drawn)) event.preventDefault();
    });
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-leave]")) leaving = true;
  });
  window.addEventListener("pageshow", function () { leaving = false; });

  // data-learns: what the registry would learn by a choice is said beneath it at once; its form need not ask first then.
  function teach(event) {
    var box = event.target.closest("[data-learns]");
    var told = box && box.querySelector("[data-told]"), line = box && box.querySelector(".lesson.told");
    if (!told || !line) return;
    var means = "", words = "", control = event.target;
    if (control.tagName === "SELECT" && control.selectedOptions.length) {
      means = control.value;
      words = control.selectedOptions[0].textContent.trim();
    } else if (control.list) {
      var typed = control.value.trim();
      Array.prototype.forEach.call(control.list.options, function (option) {
        if (option.value === typed) { means = option.dataset.means; words = typed; }
      });
    } else if (control.type !== "radio" || /^(other)?$/.test(control.value)) {
      return;
    }
    if (!/^[ug]\d+$/.test(means)) means = "";
    told.value = means;
    line.hidden = !means;
    line.querySelector("b").textContent = words;
    var tick = line.querySelector("input[type=checkbox]");
    if (tick && means) tick.checked = true;
  }
  document.addEventListener("change", teach);
  document.addEventListener("input", function (event) { if (event.target.list) teach(event); });

  // data-key="j" on a link or a button: that key presses it, unless the reader is typing.
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") document.querySelectorAll("details.account[open]").forEach(function (d) { d.open = false; });
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable) return;
    if (!/^[a-z]$/i.test(event.key)) return;
    var target = document.querySelector('[data-key="' + event.key.toLowerCase() + '"]');
    if (target && !target.disabled) { event.preventDefault(); target.click(); }
  });

  // The account menu closes when the reader goes elsewhere.
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.account[open]").forEach(function (d) { if (!d.contains(event.target)) d.open = false; });
  });

  // data-print: a print button, hidden until it can work.
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  // data-submit: a select that sends its form at once; its own button stays for those without scripts.
  document.addEventListener("change", function (event) {
    if (event.target.hasAttribute("data-submit") && event.target.form) event.target.form.requestSubmit();
  });

  // data-all="name": one box ticks every box of that name.
  document.querySelectorAll("[data-all]").forEach(function (all) {
    all.hidden = false;
    all.addEventListener("change", function () {
      document.querySelectorAll('input[type=checkbox][name="' + all.dataset.all + '"]').forEach(function (box) { box.checked = all.checked; });
    });
  });

  // data-pick="address" on the whole text: what is selected there can be made a measure, by its place in the stored text.
  var whole = document.querySelector("[data-pick]"), picked = document.getElementById("picked");
  function placeOf(node, offset) {
    var element = node.nodeType === 1 ? node : node.parentElement, flow = element && element.closest(".flow[data-start]");
    if (!flow || !whole.contains(flow)) return null;
    var before = document.createRange();
    before.setStart(flow, 0);
    before.setEnd(node, offset);
    // The stored text is counted in characters, a script counts some of them twice.
    return Number(flow.dataset.start) + Array.from(before.toString()).length;
  }
  if (whole && picked) document.addEventListener("selectionchange", function () {
    var chosen = window.getSelection(), first = null, last = null;
    if (chosen.rangeCount && !chosen.isCollapsed && whole.contains(chosen.anchorNode)) {
      var range = chosen.getRangeAt(0);
      first = placeOf(range.startContainer, range.startOffset);
      last = placeOf(range.endContainer, range.endOffset);
    }
    picked.hidden = first === null || last === null || last <= first;
    if (picked.hidden) return;
    picked.querySelector("b").textContent = Array.from(chosen.toString().replace(/\s/g, "")).length;
    picked.querySelector("a").href = whole.dataset.pick + "?first=" + first + "&last=" + last;
  });

  // After a refused form the list of errors is read first; the source column shows the paragraph at hand.
  var summary = document.querySelector(".summary");
  if (summary) summary.focus();
  var source = document.querySelector(".reading > .source"), here = source && source.querySelector(".at");
  if (here && source.scrollHeight > source.clientHeight) source.scrollTop = here.offsetTop - source.clientHeight / 3;
})();
