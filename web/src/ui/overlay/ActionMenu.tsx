import type { ReactNode } from "react";
import { IconChevronDown } from "@tabler/icons-react";
import { Button } from "../Button.tsx";
import { MenuItem, Popover, type PopoverTrigger } from "./Popover.tsx";

/** Something that can be done. */
export interface MenuAction {
  readonly label: string;
  readonly run: () => void;
}

interface ActionMenuProps {
  readonly label: string;
  /** `false` where an action is not offered now. */
  readonly actions: readonly (MenuAction | false)[];
  /** Left out: a button "More". */
  readonly trigger?: (props: PopoverTrigger) => ReactNode;
  /** Below the actions. */
  readonly foot?: ReactNode;
}

/** A button with a menu of actions; it closes before an action runs, so that a dialog finds the page free. */
export function ActionMenu({ label, actions, trigger = moreButton, foot }: ActionMenuProps): ReactNode {
  return (
    <Popover label={label} role="menu" align="end" trigger={trigger}>
      {(close) => (
        <>
          {actions.map(
            (action) =>
              action !== false && (
                <MenuItem
                  key={action.label}
                  onSelect={() => {
                    close();
                    action.run();
                  }}
                >
                  {action.label}
                </MenuItem>
              ),
          )}
          {foot}
        </>
      )}
    </Popover>
  );
}

function moreButton(props: PopoverTrigger): ReactNode {
  return (
    <Button {...props}>
      More <IconChevronDown size={12} aria-hidden="true" />
    </Button>
  );
}
