/** An order: what is made (a sku), how much of it, and how far it is. */
export interface OrderData {
  readonly item: string;
  readonly quantity: string;
  readonly status: 'planned' | 'released' | 'done' | 'canceled';
  readonly tags: readonly string[];
}

const order = (item: string, quantity: string, status: OrderData['status'], ...tags: readonly string[]): OrderData => ({
  item,
  quantity,
  status,
  tags,
});

/** The orders of each demo organization whose plan has manufacturing. */
export const MANUFACTURING_ORDERS: Readonly<Record<string, readonly OrderData[]>> = {
  testcorp: [
    order('SRV-RACK-42U', '12', 'done', 'data-center'),
    order('SRV-RACK-24U', '20', 'done', 'data-center'),
    order('SENSOR-TEMP-A1', '1500', 'done'),
    order('SENSOR-TEMP-A2', '2500', 'released'),
    order('SENSOR-HUM-B1', '1200', 'released'),
    order('GATEWAY-LTE-10', '240', 'done'),
    order('GATEWAY-LTE-11', '400', 'released', 'rush'),
    order('GATEWAY-5G-20', '150', 'planned'),
    order('CABLE-CAT6-3M', '5000', 'done'),
    order('CABLE-CAT6-10M', '2000', 'canceled'),
    order('BRACKET-WALL-S', '800', 'done'),
    order('BRACKET-WALL-L', '650', 'planned'),
    order('PSU-24V-60W', '900', 'released'),
    order('PSU-48V-120W', '450', 'planned'),
    order('ENCLOSURE-IP67', '320', 'done'),
    order('ENCLOSURE-IP54', '500', 'released'),
    order('DISPLAY-7IN', '180', 'planned', 'rush'),
    order('DISPLAY-10IN', '120', 'canceled'),
    order('BADGE-READER-R2', '275', 'done'),
    order('BADGE-READER-R3', '300', 'planned'),
    order('UPS-1500VA', '60', 'released', 'data-center'),
    order('FAN-TRAY-1U', '340', 'planned', 'data-center'),
    order('THERMAL-PASTE-KG', '12.5', 'done'),
    order('LABEL-ROLL-50MM', '1000', 'planned'),
  ],
  acme: [
    order('PUMP-CX-100', '40', 'done', 'pumps'),
    order('PUMP-CX-200', '25', 'released', 'pumps'),
    order('PUMP-CX-300', '10', 'planned', 'pumps'),
    order('VALVE-DN50', '600', 'done', 'valves'),
    order('VALVE-DN80', '350', 'released', 'valves'),
    order('VALVE-DN100', '200', 'planned', 'valves'),
    order('FLANGE-PN16', '1800', 'done'),
    order('FLANGE-PN40', '900', 'released'),
    order('GEARBOX-G7', '18', 'released', 'drives'),
    order('GEARBOX-G9', '12', 'planned', 'drives'),
    order('SHAFT-40MM', '320', 'done', 'drives'),
    order('SHAFT-60MM', '210', 'canceled', 'drives'),
    order('BEARING-6205', '4000', 'done'),
    order('BEARING-6310', '1500', 'released'),
    order('SEAL-KIT-CX', '250', 'done', 'pumps'),
    order('SEAL-KIT-DN', '500', 'planned', 'valves'),
    order('HOUSING-CAST-12', '75', 'released', 'rush'),
    order('HOUSING-CAST-16', '60', 'planned'),
    order('COATING-EPOXY-L', '180.75', 'done'),
    order('STEEL-SHEET-3MM', '2200.5', 'canceled'),
    order('BOLT-M12X60', '25000', 'done'),
    order('BOLT-M16X80', '18000', 'planned'),
    order('CONTROL-UNIT-C4', '30', 'released', 'rush'),
    order('CONTROL-UNIT-C5', '22', 'planned'),
  ],
};
