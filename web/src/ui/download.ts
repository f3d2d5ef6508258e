/** Hands a person a file that the page itself has made. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** @param type its media type */
export function downloadText(name: string, type: string, text: string): void {
  download(name, new Blob([text], { type }));
}
