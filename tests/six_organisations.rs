//! Six organisations, one plan.
