import type { ReactNode } from "react";
import {
  CheckboxButton,
  CheckboxField,
  type CheckboxFieldProps,
  FieldError,
  Input,
  Label,
  RadioButton,
  RadioField,
  RadioGroup,
  Text,
  TextArea,
  TextField as AriaTextField,
} from "react-aria-components";
import { Check } from "lucide-react";

import { useSpeech } from "../i18n/intl";
import style from "./Field.module.css";
import { classes } from "./classes";

interface TextFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What belongs in it, in a sentence. */
  hint?: ReactNode;
  /** What is wrong with it, and what to do. */
  error?: string | undefined;
  /** Several lines. */
  long?: boolean;
  rows?: number;
  optional?: boolean;
  required?: boolean;
  type?: "text" | "url" | "search";
  placeholder?: string;
  autoFocus?: boolean;
  autoComplete?: string;
  lang?: string;
  onSubmit?: () => void;
}

export function TextField(props: TextFieldProps) {
  const { t } = useSpeech();
  const { label, value, onChange, hint, error, long, rows = 3, optional, required, onSubmit } = props;
  return (
    <AriaTextField
      className={style.field}
      value={value}
      onChange={onChange}
      isInvalid={error !== undefined}
      isRequired={required ?? false}
      validationBehavior="aria"
      type={props.type ?? "text"}
      autoFocus={props.autoFocus ?? false}
      autoComplete={props.autoComplete ?? "off"}
    >
      <Label className={style.label}>
        {label}
        {optional && <span className={style.optional}> {t("common.optional")}</span>}
      </Label>
      {hint !== undefined && (
        <Text slot="description" className={style.hint}>
          {hint}
        </Text>
      )}
      {long ? (
        <TextArea className={classes(style.input, style.area)} rows={rows} lang={props.lang} />
      ) : (
        <Input
          className={style.input}
          lang={props.lang}
          placeholder={props.placeholder}
          onKeyDown={(event) => {
            if (event.key === "Enter" && onSubmit && !event.nativeEvent.isComposing) {
              event.preventDefault();
              onSubmit();
            }
          }}
        />
      )}
      <FieldError className={style.error}>{error}</FieldError>
    </AriaTextField>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  hint?: ReactNode;
  value: Value;
  onChange: (value: Value) => void;
  options: { value: Value; label: ReactNode; hint?: ReactNode; text?: string }[];
  /** Beside each other as one bar, below each other, or in as many columns as fit. */
  look?: "bar" | "list" | "grid";
  /** For those who listen only. */
  labelHidden?: boolean;
}

/** One of a few, all of them in sight. */
export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { label, hint, value, onChange, options, look = "list", labelHidden } = props;
  return (
    <RadioGroup
      className={style.field}
      value={value}
      onChange={(chosen) => {
        const option = options.find((one) => one.value === chosen);
        if (option) onChange(option.value);
      }}
      aria-label={labelHidden ? label : undefined}
    >
      {!labelHidden && <Label className={style.label}>{label}</Label>}
      {hint !== undefined && (
        <Text slot="description" className={style.hint}>
          {hint}
        </Text>
      )}
      <div className={style[look]}>
        {options.map((option) => (
          <RadioField
            key={option.value}
            value={option.value}
            {...(option.text === undefined ? {} : { "aria-label": option.text })}
          >
            <RadioButton className={style.radio}>
              <span className={style.bullet} aria-hidden />
              <span>
                <span className={style.radioLabel}>{option.label}</span>
                {option.hint !== undefined && <span className={style.hint}>{option.hint}</span>}
              </span>
            </RadioButton>
          </RadioField>
        ))}
      </div>
    </RadioGroup>
  );
}

export function Checkbox({
  children,
  ...rest
}: Omit<CheckboxFieldProps, "children" | "className"> & { children: ReactNode }) {
  return (
    <CheckboxField {...rest}>
      <CheckboxButton className={style.checkbox}>
        <span className={style.box} aria-hidden>
          <Check className={style.tick} />
        </span>
        <span>{children}</span>
      </CheckboxButton>
    </CheckboxField>
  );
}
