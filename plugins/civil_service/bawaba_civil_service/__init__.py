"""Civil service employees: records, leave, payslips, certificates."""
