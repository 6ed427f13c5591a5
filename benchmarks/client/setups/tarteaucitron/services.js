tarteaucitron.services.edition = {
  key: "edition",
  type: "other",
  name: "Edition choice",
  needConsent: true,
  cookies: ["edition"],
  js: function () {},
};
tarteaucitron.services.readership = {
  key: "readership",
  type: "analytic",
  name: "Readership counter",
  needConsent: true,
  cookies: ["reader_id"],
  js: function () { console.log("The gated script runs."); },
};
tarteaucitron.services.northwind = {
  key: "northwind",
  type: "analytic",
  name: "Northwind Insight",
  needConsent: true,
  cookies: ["_na"],
  readmoreLink: "https://example.org/northwind-insight/privacy",
  js: function () {},
};
tarteaucitron.services.gullwing = {
  key: "gullwing",
  type: "ads",
  name: "Gullwing Adverts",
  needConsent: true,
  cookies: ["ad_id"],
  readmoreLink: "https://example.org/gullwing-adverts/privacy",
  js: function () {},
};
(tarteaucitron.job = tarteaucitron.job || []).push("edition", "readership", "northwind", "gullwing");
