// Pure. Site time, carried on from the last moment the server told, at the speed at which the site's clock runs.

export type Anchor = { readonly site_ms: number; readonly real_ms: number; readonly speed: number };

export function siteNow(anchor: Anchor, real_ms: number): number {
  return anchor.site_ms + (real_ms - anchor.real_ms) * anchor.speed;
}

/** A newer word from the server; a frame that waited in a buffer must not turn the shown clock back. */
export function anchored(anchor: Anchor | null, site_ms: number, real_ms: number, speed: number): Anchor {
  if (anchor !== null && anchor.speed === speed) {
    const behind = siteNow(anchor, real_ms) - site_ms;
    if (behind > 0 && behind < 2_000 * speed) return anchor;
  }
  return { site_ms, real_ms, speed };
}
