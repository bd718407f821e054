import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  type ButtonProps as AriaProps,
  Tooltip,
  TooltipTrigger,
} from "react-aria-components";

import style from "./Button.module.css";
import { classes } from "./classes";

interface ButtonProps extends Omit<AriaProps, "children" | "className" | "style"> {
  /** `primary` is the one thing to do here; `attention` cannot be taken back; `quiet` is text until it is pointed at. */
  look?: "plain" | "primary" | "attention" | "quiet";
  size?: "normal" | "small";
  icon?: LucideIcon;
  /** Takes the whole width. */
  wide?: boolean;
  children: ReactNode;
}

export function Button({
  look = "plain",
  size = "normal",
  icon: Icon,
  wide,
  children,
  ...rest
}: ButtonProps) {
  return (
    <AriaButton {...rest} className={classes(style.button, style[look], style[size], wide && style.wide)}>
      {Icon && <Icon aria-hidden className={style.icon} />}
      <span>{children}</span>
    </AriaButton>
  );
}

interface IconButtonProps extends Omit<AriaProps, "children" | "className" | "style"> {
  icon: LucideIcon;
  /** What it does, in words: read aloud, and shown beside it when it is pointed at. */
  label: string;
  /** The key that does the same. */
  shortcut?: string;
  look?: "plain" | "quiet" | "primary";
  pressed?: boolean;
}

export function IconButton({
  icon: Icon,
  label,
  shortcut,
  look = "quiet",
  pressed,
  ...rest
}: IconButtonProps) {
  return (
    <TooltipTrigger delay={500}>
      <AriaButton
        {...rest}
        aria-label={label}
        aria-pressed={pressed}
        className={classes(style.button, style.square, style[look], pressed && style.pressed)}
      >
        <Icon aria-hidden className={style.icon} />
      </AriaButton>
      <Tooltip className={style.tooltip} offset={6}>
        {label}
        {shortcut !== undefined && <kbd className={style.key}>{shortcut}</kbd>}
      </Tooltip>
    </TooltipTrigger>
  );
}
