(() => {
  "use strict";
  // Moves the figures when something is booked. Without it the page stands as it was sent.
  const status = document.getElementById("live");
  if (!window.EventSource || !window.fetch || !status) return;
  const lang = document.documentElement.lang;
  const field = "accountingStatisticsUpdated(after: $after) { cursor kind statistics { asOf total { count } } }";
  const query = "subscription TransparencyMoves($after: String) { " + field + " }";
  const figures = () => document.getElementById("figures");
  const instant = (text) => Date.parse(text || "") || 0;
  let source, after = null, wait = 1000, again, fetching, wanted = null;

  const say = (live) => {
    status.hidden = false;
    status.classList.toggle("on", live);
    const words = live ? status.dataset.live : status.dataset.paused;
    if (status.textContent !== words) status.textContent = words;
  };

  // Whether the figures shown are older than those that were told of.
  const behind = () => wanted && (instant(figures().dataset.asOf) < instant(wanted.asOf) ||
    Number(figures().dataset.count) < wanted.total.count);

  const show = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("figures");
    if (!fresh) return;
    const old = figures(), focused = document.activeElement && document.activeElement.id;
    for (const open of old.querySelectorAll("details[open]")) {
      const twin = fresh.querySelector("#" + open.id);
      if (twin) twin.open = true;
    }
    old.replaceWith(document.adoptNode(fresh));
    const back = focused && fresh.querySelector("#" + focused);
    if (back) back.focus({ preventScroll: true });
  };

  // One request at a time, at a moment of this reader's own, until the figures have caught up.
  const fetchSoon = (tries) => {
    if (fetching || !behind()) return;
    fetching = setTimeout(async () => {
      let ok = false;
      try {
        const answer = await fetch("transparency/figures?lang=" + lang, { cache: "no-cache" });
        ok = answer.ok;
        if (ok) show(await answer.text());
      } catch (_) { /* tried again below */ }
      fetching = null;
      if (behind() && tries > 0) fetchSoon(ok ? tries - 1 : tries - 2);
    }, 200 + Math.random() * 1300);
  };

  const close = () => { if (source) source.close(); source = null; };
  const later = () => {
    close();
    say(false);
    clearTimeout(again);
    again = setTimeout(open, wait * (1 + Math.random()));
    wait = Math.min(wait * 2, 60000);
  };

  function open() {
    clearTimeout(again);
    close();
    const variables = JSON.stringify({ after });
    source = new EventSource("graphql?" + new URLSearchParams({ query, variables }));
    source.addEventListener("next", (event) => {
      const value = ((JSON.parse(event.data).data || {}).accountingStatisticsUpdated);
      if (!value) { after = null; later(); return; }
      after = value.cursor;
      wanted = value.statistics;
      wait = 1000;
      say(true);
      fetchSoon(10);
    });
    source.addEventListener("complete", later);
    // A browser comes back by itself with Last-Event-ID, unless it was refused.
    source.onerror = () => { if (source && source.readyState === EventSource.CLOSED) later(); else say(false); };
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { clearTimeout(again); close(); say(false); } else if (!source) open();
  });
  if (!document.hidden) open();
})();
