var tarteaucitronCustomText = {
  alertBigPrivacy:
    "May we use cookies? The Ostermere Courier, 3 Quay Row, Port Ansel, Ostermere asks for your consent to use cookies and similar techniques. Preferences: Remembers your settings, such as language. Analytics: Measures how the site is used. Advertising: Shows personalised advertising and measures it. You can withdraw it at any time: “Cookies”, on every page. 2 partners are involved.",
  acceptAll: "Accept all",
  denyAll: "Reject all",
  personalize: "Choose",
  privacyUrl: "Cookie policy",
  title: "Your choice",
  mandatoryTitle: "Necessary",
  mandatoryText: "Makes the site work and keeps it secure. Comment session: Remembers the name you signed a comment with.",
  other: { title: "Preferences", details: "Remembers your settings, such as language." },
  analytic: { title: "Analytics", details: "Measures how the site is used." },
  ads: { title: "Advertising", details: "Shows personalised advertising and measures it." },
  "desc-edition": "Remembers whether you read the coast or the hills edition.",
  "desc-readership": "Counts how many different readers a story has.",
  "desc-northwind": "Measures which pages are read and from where readers come to them.",
  "desc-gullwing": "Shows advertising, chosen by what you have read.",
};
