/** Columns of `payouts.payouts`, named as the fields of PayoutSnapshot. */
export const PAYOUT_COLUMNS = `id, recipient_id AS "recipientId", amount_minor AS "amountMinor", currency, rail,
  state AS status, reason, transfer_id AS "transferId", recipient_name AS "recipientName",
  account_tail AS "accountTail", bank_code AS "bankCode", description, metadata, created_by AS "createdBy",
  created_at AS "createdAt", updated_at AS "updatedAt", finished_at AS "finishedAt"`;
