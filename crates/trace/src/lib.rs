//! What happened: lanes, spans and marks, their statistics, findings and exports.
