// The name a server gives a file to save.

/**
 * The file name in a Content-Disposition header, or null.
 * @param {string | null} header
 */
export function fileNameOf(header) {
  const extended = /filename\*=(?:UTF-8'')?([^;]+)/i.exec(header ?? '');
  const plain = /filename="?([^";]+)"?/i.exec(header ?? '');
  const name = extended ? decoded(extended[1].trim()) : plain?.[1];
  // What a name could do in a path is taken off: it names a file, nothing else.
  return name ? name.replace(/[/\\]/g, '_').trim() : null;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
