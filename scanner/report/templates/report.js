"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const groups = [...document.querySelectorAll(".group")].map((node) => ({
    node,
    capability: node.dataset.capability,
    artifacts: [...node.querySelectorAll(".artifact")].map((place) => ({
      node: place,
      name: place.querySelector("h4").textContent.toLowerCase(),
      items: [...place.querySelectorAll("[data-c]")].map((item) => ({ node: item, text: null })),
    })),
  }));
  const fields = form.elements;
  const apply = () => {
    const words = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { value: capability } = fields.capability;
    const { value: confidence } = fields.confidence;
    const { value: status } = fields.status;
    let shown = 0;
    let all = 0;
    for (const group of groups) {
      let inGroup = 0;
      for (const artifact of group.artifacts) {
        let inArtifact = 0;
        for (const item of artifact.items) {
          all += 1;
          const data = item.node.dataset;
          let fits =
            (!capability || capability === group.capability) &&
            (!confidence || confidence === data.c) &&
            (!status || status === data.s);
          if (fits && words.length) {
            item.text ??= `${artifact.name} ${item.node.textContent.toLowerCase()}`;
            fits = words.every((word) => item.text.includes(word));
          }
          item.node.hidden = !fits;
          inArtifact += fits;
        }
        artifact.node.hidden = !inArtifact;
        inGroup += inArtifact;
      }
      group.node.hidden = !inGroup;
      shown += inGroup;
    }
    const number = new Intl.NumberFormat("en-US");
    fields.shown.value =
      shown === all ? "" : `${number.format(shown)} of ${number.format(all)} findings shown`;
  };
  let pending = 0;
  form.addEventListener("input", () => {
    clearTimeout(pending);
    pending = setTimeout(apply, 120);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  // A link from a control must lead to its finding, whatever the filter hides.
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.closest("[hidden]")) {
      form.reset();
      setTimeout(() => target.scrollIntoView());
    }
  });
  // On paper everything is open.
  const closed = [];
  addEventListener("beforeprint", () => {
    for (const node of document.querySelectorAll("details:not([open])")) {
      node.open = true;
      closed.push(node);
    }
  });
  addEventListener("afterprint", () => {
    for (const node of closed.splice(0)) node.open = false;
  });
  form.hidden = false;
})();
