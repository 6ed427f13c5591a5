// Where the page's links lead; those of the consent layer lead to what is visited anyway.

() => [...document.querySelectorAll("a[href]")]
  .filter((link) => !link.hasAttribute("download") && !link.closest("[id^=cst-], .cst-policy, .cst-embed"))
  .map(({ href }) => String(href))
