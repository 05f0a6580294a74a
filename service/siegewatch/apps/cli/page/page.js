"use strict";
(() => {
  const form = document.getElementById("filters");
  const count = document.getElementById("count");
  const articles = [...document.querySelectorAll("article")];
  const words = new Map(articles.map((article) => [article, article.textContent.toLowerCase()]));

  // One issue must be of the kind and of the sort asked for: "siege/phase" is no mistake about an offensive's phase.
  const hasIssue = (article, kind, what) =>
    article.dataset.issues.split(";").some((issue) => {
      const [of, is] = issue.split("/");
      return (!kind || of === kind) && (!what || is === what);
    });

  const show = () => {
    const asked = Object.fromEntries(new FormData(form));
    let shown = 0;
    for (const article of articles) {
      const fits = hasIssue(article, asked.kind, asked.what)
        && (!asked.source || article.dataset.source === asked.source)
        && words.get(article).includes(asked.words.trim().toLowerCase());
      article.hidden = !fits;
      shown += fits;
    }
    count.textContent = shown + " of " + articles.length + " items with a mistake";
  };

  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
})();
