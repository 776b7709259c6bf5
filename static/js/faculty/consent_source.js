// The site's consent text, fetched once: a changed one comes with a restart of the server, and is then refused by version.

let known = null;

/** {version, words}. */
export async function consentText(api) {
  known ??= (await api.get('/consents/text')).data;
  return known;
}

/** The next to ask for it gets it anew. */
export function forgetConsentText() {
  known = null;
}
