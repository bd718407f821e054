import { Check } from "lucide-react";
import { Label, ListBox, ListBoxItem, type Selection } from "react-aria-components";
import { useId } from "react";

import { useSpeech } from "../i18n/intl";
import field from "./Field.module.css";
import menu from "./Menu.module.css";
import style from "./PeopleField.module.css";
import { classes } from "./classes";
import type { Option } from "./Select";

interface ManyFieldProps {
  label: string;
  value: readonly string[];
  onChange: (ids: string[]) => void;
  options: readonly Option[];
  optional?: boolean;
}

/** Any number of many. */
export function ManyField({ label, value, onChange, options, optional }: ManyFieldProps) {
  const { t } = useSpeech();
  const id = useId();
  const change = (selection: Selection) =>
    onChange(selection === "all" ? options.map((option) => option.value) : [...selection].map(String));
  return (
    <div className={field.field}>
      <Label id={id} className={field.label}>
        {label}
        {optional && <span className={field.optional}> {t("common.optional")}</span>}
      </Label>
      <ListBox
        aria-labelledby={id}
        className={style.box}
        selectionMode="multiple"
        selectionBehavior="toggle"
        selectedKeys={value}
        onSelectionChange={change}
        items={options.map((option) => ({ ...option, id: option.value }))}
      >
        {(option) => (
          <ListBoxItem id={option.value} textValue={option.label} className={classes(menu.item, style.item)}>
            <span className={style.square} aria-hidden>
              <Check className={style.tick} />
            </span>
            <span className={menu.words}>
              {option.label}
              {option.hint !== undefined && <span className={menu.hint}>{option.hint}</span>}
            </span>
          </ListBoxItem>
        )}
      </ListBox>
    </div>
  );
}
