import { useReactFlow } from "@xyflow/react";
import { Map as MapIcon, Maximize, Plus, ZoomIn, ZoomOut } from "lucide-react";

import { useSpeech } from "../../../i18n/intl";
import { Button, IconButton } from "../../../parts/Button";
import style from "./CanvasTools.module.css";
import { showingAll } from "./nodes";

interface CanvasToolsProps {
  mayEdit: boolean;
  map: boolean;
  onMap: (on: boolean) => void;
  onAdd: () => void;
}

export function CanvasTools({ mayEdit, map, onMap, onAdd }: CanvasToolsProps) {
  const { t } = useSpeech();
  const flow = useReactFlow();
  return (
    <div className={style.tools}>
      {mayEdit && (
        <Button look="primary" icon={Plus} onPress={onAdd}>
          {t("wall.add")}
        </Button>
      )}
      <div className={style.group}>
        <IconButton icon={ZoomOut} label={t("canvas.zoom_out")} shortcut="−" onPress={() => void flow.zoomOut()} />
        <IconButton icon={ZoomIn} label={t("canvas.zoom_in")} shortcut="+" onPress={() => void flow.zoomIn()} />
        <IconButton
          icon={Maximize}
          label={t("canvas.show_all")}
          shortcut="0"
          onPress={() => void flow.fitView(showingAll(map))}
        />
        <IconButton icon={MapIcon} label={t("canvas.map")} pressed={map} onPress={() => onMap(!map)} />
      </div>
      {mayEdit && <p className={style.keys}>{t("canvas.keys")}</p>}
    </div>
  );
}
