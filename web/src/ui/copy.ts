/** Whether the text is on the clipboard now. Without HTTPS browsers have no clipboard API; then the old way is the only one. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    // Deprecated, and still the only way on plain HTTP.
    const isDone = document.execCommand("copy");
    area.remove();
    return isDone;
  }
}
