interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Placement {
  readonly left: number;
  readonly top: number;
}

const GAP = 4;
const MARGIN = 8;

/** Below the anchor, or above when there is no room; never outside the window. */
export function placeBeside(
  anchor: Box,
  size: { readonly width: number; readonly height: number },
  frame: { readonly width: number; readonly height: number },
  align: "start" | "end",
): Placement {
  const below = anchor.bottom + GAP;
  const above = anchor.top - GAP - size.height;
  const hasRoomBelow = below + size.height + MARGIN <= frame.height;
  const wanted = align === "start" ? anchor.left : anchor.right - size.width;
  return {
    left: Math.max(MARGIN, Math.min(wanted, frame.width - size.width - MARGIN)),
    top:
      hasRoomBelow || above < MARGIN
        ? Math.max(MARGIN, Math.min(below, frame.height - size.height - MARGIN))
        : above,
  };
}
