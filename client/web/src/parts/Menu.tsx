import type { LucideIcon } from "lucide-react";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import {
  Header,
  Menu as AriaMenu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Separator,
  type PopoverProps,
} from "react-aria-components";

import style from "./Menu.module.css";
import { classes } from "./classes";

export interface MenuChoice {
  id: string;
  label: string;
  /** Shown instead of the label where words alone would not do (a colour, say). */
  shown?: ReactNode;
  hint?: string;
  icon?: LucideIcon;
  look?: "plain" | "attention";
  /** The key that does the same. */
  shortcut?: string;
  /** It is what holds now. */
  current?: boolean;
  onChoose: () => void;
}

export interface MenuGroup {
  title?: string;
  choices: MenuChoice[];
}

interface MenuProps {
  label: string;
  groups: MenuGroup[];
  /** What opens it: one button. */
  children: ReactNode;
  placement?: PopoverProps["placement"];
}

export function Menu({ label, groups, children, placement = "bottom start" }: MenuProps) {
  const shown = groups.filter((group) => group.choices.length > 0);
  return (
    <MenuTrigger>
      {children}
      <Popover className={style.popover} placement={placement} offset={4}>
        <AriaMenu
          aria-label={label}
          className={style.menu}
          onAction={(key) => {
            const all = shown.flatMap((group) => group.choices);
            all.find((choice) => choice.id === key)?.onChoose();
          }}
        >
          {shown.map((group, index) => (
            <MenuSection key={group.title ?? group.choices[0]?.id} className={style.group}>
              {index > 0 && <Separator className={style.line} />}
              {group.title !== undefined && <Header className={style.title}>{group.title}</Header>}
              {group.choices.map((choice) => (
                <Item key={choice.id} choice={choice} />
              ))}
            </MenuSection>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

function Item({ choice }: { choice: MenuChoice }) {
  const Icon = choice.current ? Check : choice.icon;
  return (
    <MenuItem
      id={choice.id}
      textValue={choice.label}
      className={classes(style.item, choice.look === "attention" && style.attention)}
      aria-current={choice.current}
    >
      <span className={style.icon}>{Icon && <Icon aria-hidden />}</span>
      <span className={style.words}>
        {choice.shown ?? choice.label}
        {choice.hint !== undefined && <span className={style.hint}>{choice.hint}</span>}
      </span>
      {choice.shortcut !== undefined && <kbd className={style.key}>{choice.shortcut}</kbd>}
    </MenuItem>
  );
}
