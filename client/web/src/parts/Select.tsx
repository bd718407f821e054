import { Check, ChevronDown } from "lucide-react";
import { useMemo } from "react";
import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  Text,
} from "react-aria-components";

import { useSpeech } from "../i18n/intl";
import field from "./Field.module.css";
import menu from "./Menu.module.css";
import style from "./Select.module.css";
import { classes } from "./classes";

export interface Option {
  value: string;
  label: string;
  hint?: string;
}

interface SelectProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly Option[];
  hint?: string;
  optional?: boolean;
  /** A pill that fits its words, with the label read aloud only: for filters. */
  compact?: boolean;
}

/** One of many. */
export function Select({ label, value, onChange, options, hint, optional, compact }: SelectProps) {
  const { t } = useSpeech();
  return (
    <AriaSelect
      className={compact ? style.compact : field.field}
      value={value}
      onChange={(key) => {
        if (key !== null) onChange(String(key));
      }}
      aria-label={compact ? label : undefined}
    >
      {!compact && (
        <Label className={field.label}>
          {label}
          {optional && <span className={field.optional}> {t("common.optional")}</span>}
        </Label>
      )}
      {hint !== undefined && (
        <Text slot="description" className={field.hint}>
          {hint}
        </Text>
      )}
      <Button className={classes(style.button, compact && style.pill, compact && value !== "" && style.set)}>
        {compact && value === "" ? <span>{label}</span> : <SelectValue className={style.value} />}
        <ChevronDown aria-hidden className={style.arrow} />
      </Button>
      <Popover className={classes(menu.popover, style.popover)} offset={4}>
        <Options options={options} />
      </Popover>
    </AriaSelect>
  );
}

function Options({ options }: { options: readonly Option[] }) {
  const items = useMemo(() => options.map((option) => ({ ...option, id: option.value })), [options]);
  return (
    <ListBox items={items} className={menu.menu}>
      {(option) => (
        <ListBoxItem id={option.value} textValue={option.label} className={classes(menu.item, style.option)}>
          <span className={menu.icon}>
            <Check aria-hidden className={style.tick} />
          </span>
          <span className={menu.words}>
            {option.label}
            {option.hint !== undefined && <span className={menu.hint}>{option.hint}</span>}
          </span>
        </ListBoxItem>
      )}
    </ListBox>
  );
}
