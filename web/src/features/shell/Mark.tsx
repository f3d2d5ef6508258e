import type { ReactNode } from "react";

/** The barn owl's face. */
export function Mark({
  className,
  size = 30,
}: {
  readonly className?: string | undefined;
  readonly size?: number;
}): ReactNode {
  return (
    <svg className={className} width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path
        d="M16 9.6c-2.4-2.9-9.4-3-9.6 3.8-.2 6.200 5.600 11.200 9.600 13.200 4-2 9.800-7 9.600-13.200-.2-6.800-7.200-6.700-9.600-3.800z"
        fill="var(--on-accent)"
      />
      <circle cx="11.900" cy="14.600" r="2" fill="var(--accent)" />
      <circle cx="20.100" cy="14.600" r="2" fill="var(--accent)" />
      <path d="m16 16.400 1.500 4.200-1.500 1.800-1.500-1.800z" fill="var(--accent)" />
    </svg>
  );
}
