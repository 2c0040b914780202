package domain;

/** The number is taken. */
public final class DuplicateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public DuplicateException(String number) {
        super(number);
    }
}
